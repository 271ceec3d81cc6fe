/*
 * lib/syntax/proxy.c: how a header of the PROXY protocol begins, and version 1 octet by octet.
 *
 * SPDX-License-Identifier: MIT
 */
#include "proxy_support.h"

#define LONGEST_IPV6 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
#define DOTTED_IPV6  "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"
#define TEN_X        "xxxxxxxxxx"

#define IPV4  EHLO_PROXY_IPV4
#define IPV6  EHLO_PROXY_IPV6
#define LOCAL EHLO_PROXY_NO_FAMILY

/* RPROXY-2.1-1, RPROXY-2.1-3 */
static const struct {
    const char *line; /* without CR LF */
    uint32_t family;
    const char *source, *destination;
    uint32_t source_port, destination_port;
} good_lines[] = {
    {"PROXY TCP4 192.168.0.1 192.168.0.11 56324 443", IPV4, "192.168.0.1", "192.168.0.11", 56324,
     443},
    {"PROXY TCP4 0.0.0.0 0.0.0.0 0 0", IPV4, "0.0.0.0", "0.0.0.0", 0, 0},
    {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535", IPV4, "255.255.255.255",
     "255.255.255.255", 65535, 65535},
    {"PROXY TCP4 10.100.109.199 200.249.250.254 10000 59999", IPV4, "10.100.109.199",
     "200.249.250.254", 10000, 59999},
    {"PROXY TCP6 2001:db8::1 2001:DB8::B 1 25", IPV6, "2001:db8::1", "2001:db8::b", 1, 25},
    {"PROXY TCP6 :: ::1 1 25", IPV6, "::", "::1", 1, 25},
    {"PROXY TCP6 2001:0db8:0000:0000:0001:0000:0000:0001 1:2:3:4:5:6:7:8 1 25", IPV6,
     "2001:db8::1:0:0:1", "1:2:3:4:5:6:7:8", 1, 25},
    {"PROXY TCP6 ::ffff:192.0.2.1 ::ffff:c633:6402 1 25", IPV6, "::ffff:192.0.2.1",
     "::ffff:198.51.100.2", 1, 25},
    {"PROXY TCP6 " LONGEST_IPV6 " " LONGEST_IPV6 " 65535 65535", IPV6, LONGEST_IPV6, LONGEST_IPV6,
     65535, 65535},
    {"PROXY TCP6 " DOTTED_IPV6 " ::1 65535 65535", IPV6, LONGEST_IPV6, "::1", 65535, 65535},
    {"PROXY UNKNOWN", LOCAL, "", "", 0, 0},
    {"PROXY UNKNOWN ", LOCAL, "", "", 0, 0},
    {"PROXY UNKNOWN 192.0.2.1 198.51.100.2 1 25", LOCAL, "", "", 0, 0},
    {"PROXY UNKNOWN " LONGEST_IPV6 " " LONGEST_IPV6 " 65535 65535", LOCAL, "", "", 0, 0},
    {"PROXY UNKNOWN  TCP4 \t\x01\x7f\xff PROXY", LOCAL, "", "", 0, 0},
};

static void test_proxy_v1_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(good_lines); i++) {
        const char *name = good_lines[i].line;
        struct ehlo_slice text = {name, strlen(name)};
        struct ehlo_slice line = joined(2, text, SLICE("\r\n"));
        bool is_local = good_lines[i].family == LOCAL;
        struct ehlo_proxy header;

        check_good_header(name, line);
        check_number(name, "status",
                     ehlo_parse_proxy(line.data, line.length, EHLO_PROXY_V1, &header), COMPLETE);
        check_number(name, "length", header.length, line.length);
        check_number(name, "version", header.version, EHLO_PROXY_V1);
        check_number(name, "is_local", header.is_local, is_local);
        check_number(name, "transport", header.transport,
                     is_local ? EHLO_PROXY_NO_TRANSPORT : EHLO_PROXY_STREAM);
        check_number(name, "TLVs", header.tlvs.length, 0);
        check_endpoint(name, &header.source, good_lines[i].family, good_lines[i].source,
                       good_lines[i].source_port);
        check_endpoint(name, &header.destination, good_lines[i].family, good_lines[i].destination,
                       good_lines[i].destination_port);
        free_slice(line);
    }
}

/* RPROXY-2.1-1, RPROXY-2.1-2: what is wrong is wrong at once, fields when they have ended */
static const struct bad_header bad_lines[] = {
    {"SMTP", TEXT("EHLO a.example\r\n"), 1},
    {"TLS", TEXT("\x16\x03\x01"), 1},
    {"HTTP", TEXT("POST / HTTP/1.0\r\n"), 2},
    {"lower case", TEXT("proxy TCP4 192.0.2.1 198.51.100.2 1 25\r\n"), 1},
    {"blank ahead", TEXT(" PROXY TCP4 192.0.2.1 198.51.100.2 1 25\r\n"), 1},
    {"tab behind PROXY", TEXT("PROXY\tTCP4 192.0.2.1 198.51.100.2 1 25\r\n"), 6},
    {"two spaces behind PROXY", TEXT("PROXY  TCP4 192.0.2.1 198.51.100.2 1 25\r\n"), 7},
    {"protocol in lower case", TEXT("PROXY tcp4 192.0.2.1 198.51.100.2 1 25\r\n"), 7},
    {"UDP", TEXT("PROXY UDP4 192.0.2.1 198.51.100.2 1 25\r\n"), 8},
    {"TCP5", TEXT("PROXY TCP5 192.0.2.1 198.51.100.2 1 25\r\n"), 10},
    {"only PROXY", TEXT("PROXY\r\n"), 6},
    {"no addresses", TEXT("PROXY TCP4\r\n"), 11},
    {"no addresses but a space", TEXT("PROXY TCP4 \r\n"), 12},
    {"one address", TEXT("PROXY TCP4 192.0.2.1\r\n"), 21},
    {"no ports", TEXT("PROXY TCP4 192.0.2.1 198.51.100.2\r\n"), 34},
    {"one port", TEXT("PROXY TCP4 192.0.2.1 198.51.100.2 1\r\n"), 36},
    {"three ports", TEXT("PROXY TCP4 192.0.2.1 198.51.100.2 1 25 4\r\n"), 39},
    {"space at the end", TEXT("PROXY TCP4 192.0.2.1 198.51.100.2 1 25 \r\n"), 39},
    {"two spaces before an address", TEXT("PROXY TCP4  192.0.2.1 198.51.100.2 1 25\r\n"), 12},
    {"two spaces between addresses", TEXT("PROXY TCP4 192.0.2.1  198.51.100.2 1 25\r\n"), 22},
    {"two spaces before a port", TEXT("PROXY TCP4 192.0.2.1 198.51.100.2  1 25\r\n"), 35},
    {"two spaces between ports", TEXT("PROXY TCP4 192.0.2.1 198.51.100.2 1  25\r\n"), 37},
    {"comma", TEXT("PROXY TCP4 192.0.2.1,198.51.100.2 1 25\r\n"), 21},
    {"NUL", TEXT("PROXY TCP4 192.0.2.1\0 198.51.100.2 1 25\r\n"), 21},
    {"IPv6 in TCP4", TEXT("PROXY TCP4 2001:db8::1 198.51.100.2 1 25\r\n"), 16},
    {"IPv4 in TCP6", TEXT("PROXY TCP6 192.0.2.1 198.51.100.2 1 25\r\n"), 21},
    {"IPv4 as the second in TCP6", TEXT("PROXY TCP6 ::1 198.51.100.2 1 25\r\n"), 28},
    {"leading zero ahead", TEXT("PROXY TCP4 092.0.2.1 198.51.100.2 1 25\r\n"), 21},
    {"leading zero in the middle", TEXT("PROXY TCP4 192.0.02.1 198.51.100.2 1 25\r\n"), 22},
    {"two zeros", TEXT("PROXY TCP4 192.0.2.00 198.51.100.2 1 25\r\n"), 22},
    {"number of 256", TEXT("PROXY TCP4 192.0.2.256 198.51.100.2 1 25\r\n"), 23},
    {"three numbers", TEXT("PROXY TCP4 192.0.2 198.51.100.2 1 25\r\n"), 19},
    {"five numbers", TEXT("PROXY TCP4 192.0.2.1.1 198.51.100.2 1 25\r\n"), 23},
    {"16 octets of IPv4", TEXT("PROXY TCP4 255.255.255.2550 198.51.100.2 1 25\r\n"), 27},
    {"brackets", TEXT("PROXY TCP4 [192.0.2.1] [198.51.100.2] 1 25\r\n"), 12},
    {"nine groups", TEXT("PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 1 25\r\n"), 29},
    {"two gaps", TEXT("PROXY TCP6 1::2::3 ::1 1 25\r\n"), 19},
    {"group of five", TEXT("PROXY TCP6 00001::1 ::1 1 25\r\n"), 20},
    {"zone", TEXT("PROXY TCP6 fe80::1%eth0 ::1 1 25\r\n"), 19},
    {"no hex digit", TEXT("PROXY TCP6 g::1 ::1 1 25\r\n"), 12},
    {"leading zero in the IPv4 part", TEXT("PROXY TCP6 ::192.0.2.01 ::1 1 25\r\n"), 24},
    {"leading zero ahead of the IPv4 part", TEXT("PROXY TCP6 ::092.0.2.1 ::1 1 25\r\n"), 23},
    {"46 octets of IPv6", TEXT("PROXY TCP6 " DOTTED_IPV6 "5 ::1 1 25\r\n"), 57},
    {"port of 65536", TEXT("PROXY TCP4 192.0.2.1 198.51.100.2 65536 25\r\n"), 40},
    {"second port of 65536", TEXT("PROXY TCP4 192.0.2.1 198.51.100.2 1 65536\r\n"), 42},
    {"port of six digits", TEXT("PROXY TCP4 192.0.2.1 198.51.100.2 100000 25\r\n"), 40},
    {"port with a leading zero", TEXT("PROXY TCP4 192.0.2.1 198.51.100.2 01 25\r\n"), 37},
    {"second port 00", TEXT("PROXY TCP4 192.0.2.1 198.51.100.2 1 00\r\n"), 39},
    {"sign", TEXT("PROXY TCP4 192.0.2.1 198.51.100.2 +1 25\r\n"), 35},
    {"LF alone", TEXT("PROXY TCP4 192.0.2.1 198.51.100.2 1 25\n"), 39},
    {"CR alone", TEXT("PROXY TCP4 192.0.2.1 198.51.100.2 1 25\rEHLO"), 40},
    {"CR CR LF", TEXT("PROXY TCP4 192.0.2.1 198.51.100.2 1 25\r\r\n"), 40},
    {"UNKNOWN and more letters", TEXT("PROXY UNKNOWNS\r\n"), 14},
    {"UNKNOWN with a tab", TEXT("PROXY UNKNOWN\tx\r\n"), 14},
    {"UNKNOWN with LF alone", TEXT("PROXY UNKNOWN\n"), 14},
    {"UNKNOWN with CR alone", TEXT("PROXY UNKNOWN\rE"), 15},
    {"UNKNOWN with LF in what is ignored", TEXT("PROXY UNKNOWN x\ny\r\n"), 16},
    {"UNKNOWN with CR in what is ignored", TEXT("PROXY UNKNOWN x\ry\r\n"), 17},
};

static void test_proxy_v1_bad(void **state)
{
    (void)state;
    check_bad_headers(bad_lines, ROWS(bad_lines));
}

/* RPROXY-2.1-2: 107 octets with CR LF, whatever the line says */
static void test_proxy_v1_length(void **state)
{
    static const struct bad_header rows[] = {
        {"108 octets, certain without CR",
         TEXT("PROXY UNKNOWN " TEN_X TEN_X TEN_X TEN_X TEN_X TEN_X TEN_X TEN_X TEN_X "xx\r\n"),
         106},
        {"no end",
         TEXT("PROXY UNKNOWN " TEN_X TEN_X TEN_X TEN_X TEN_X TEN_X TEN_X TEN_X TEN_X TEN_X), 106},
        {"112 octets of IPv6", TEXT("PROXY TCP6 " DOTTED_IPV6 " " DOTTED_IPV6 " 100 100\r\n"), 106},
    };

    (void)state;
    check_bad_headers(rows, ROWS(rows));
    check_good_header(
        "106 octets",
        SLICE("PROXY UNKNOWN " TEN_X TEN_X TEN_X TEN_X TEN_X TEN_X TEN_X TEN_X TEN_X "\r\n"));
    check_good_header(
        "107 octets",
        SLICE("PROXY UNKNOWN " TEN_X TEN_X TEN_X TEN_X TEN_X TEN_X TEN_X TEN_X TEN_X "x\r\n"));
    check_good_header("107 octets of IPv6",
                      SLICE("PROXY TCP6 " DOTTED_IPV6 " 1:2:3:4:5:6:255.255.255.255 65535 65535"
                            "\r\n"));
    assert_int_equal(EHLO_PROXY_V1_MAX, 107);
}

/* RPROXY-2-2: only what is configured is a header. RPROXY-2-1: nothing is, without its end. */
static void test_proxy_versions(void **state)
{
    static const struct {
        const char *name;
        struct ehlo_slice octets;
        uint32_t versions;
        enum ehlo_proxy_status status;
    } rows[] = {
        {"v1 for v1", TEXT("PROXY UNKNOWN\r\n"), EHLO_PROXY_V1, COMPLETE},
        {"v1 for v2", TEXT("PROXY UNKNOWN\r\n"), EHLO_PROXY_V2, MALFORMED},
        {"v1 for both", TEXT("PROXY UNKNOWN\r\n"), BOTH, COMPLETE},
        {"v1 for none", TEXT("PROXY UNKNOWN\r\n"), 0, MALFORMED},
        {"v1 for a foreign bit", TEXT("PROXY UNKNOWN\r\n"), 4, MALFORMED},
        {"v2 for v1", TEXT(V2_LOCAL_OPENING "\0\0\0"), EHLO_PROXY_V1, MALFORMED},
        {"v2 for v2", TEXT(V2_LOCAL_OPENING "\0\0\0"), EHLO_PROXY_V2, COMPLETE},
        {"v2 for both", TEXT(V2_LOCAL_OPENING "\0\0\0"), BOTH, COMPLETE},
        {"v2 for none", TEXT(V2_LOCAL_OPENING "\0\0\0"), 0, MALFORMED},
        {"P for v1", TEXT("P"), EHLO_PROXY_V1, MORE},
        {"P for v2", TEXT("P"), EHLO_PROXY_V2, MALFORMED},
        {"CR for v1", TEXT("\r"), EHLO_PROXY_V1, MALFORMED},
        {"CR for v2", TEXT("\r"), EHLO_PROXY_V2, MORE},
        {"nothing yet for v1", TEXT(""), EHLO_PROXY_V1, MORE},
        {"nothing yet for both", TEXT(""), BOTH, MORE},
        {"nothing yet for none", TEXT(""), 0, MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct ehlo_slice octets = exact(rows[i].octets);
        struct ehlo_proxy header;

        check_number(rows[i].name, "status",
                     ehlo_parse_proxy(octets.data, octets.length, rows[i].versions, &header),
                     rows[i].status);
        free_slice(octets);
    }
    assert_int_equal(ehlo_parse_proxy(NULL, 0, BOTH, NULL), MORE);
}

static void test_proxy_first_octet(void **state)
{
    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        const char first = (char)octet;
        struct ehlo_proxy header;

        assert_int_equal(read_copy((struct ehlo_slice){&first, 1}, &header),
                         octet == 'P' || octet == '\r' ? MORE : MALFORMED);
    }
}

static void test_proxy_v1_survives_damage(void **state)
{
    (void)state;
    damage_header("TCP4", SLICE("PROXY TCP4 192.0.2.1 198.51.100.2 56324 25\r\n"));
    damage_header("TCP6", SLICE("PROXY TCP6 2001:db8::1 ::ffff:192.0.2.1 56324 25\r\n"));
    damage_header("UNKNOWN", SLICE("PROXY UNKNOWN some text\r\n"));
}

/* Octets that begin well and go on at random */
static void test_proxy_v1_survives_noise(void **state)
{
    static const char *const openings[] = {"", "PROXY ", "PROXY TCP4 ", "PROXY TCP6 ",
                                           "PROXY UNKNOWN"};
    static const char likely[] = "0123456789abcdef.: \r\n";
    uint64_t random = 7;
    char octets[160];

    (void)state;
    for (int round = 0; round < 2000; round++) {
        const char *opening = openings[next_random(&random) % ROWS(openings)];
        size_t length = strlen(opening);
        enum ehlo_proxy_status answer;

        memcpy(octets, opening, length);
        for (size_t end = length + next_random(&random) % 120; length < end; length++)
            octets[length] = round % 4 == 0 ? (char)(next_random(&random) & 0xff)
                                            : likely[next_random(&random) % (sizeof likely - 1)];
        (void)read_prefixes("noise", (struct ehlo_slice){octets, length}, &answer);
        assert_true(answer != MORE || length < EHLO_PROXY_V1_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proxy_v1_good),
        cmocka_unit_test(test_proxy_v1_bad),
        cmocka_unit_test(test_proxy_v1_length),
        cmocka_unit_test(test_proxy_versions),
        cmocka_unit_test(test_proxy_first_octet),
        cmocka_unit_test(test_proxy_v1_survives_damage),
        cmocka_unit_test(test_proxy_v1_survives_noise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
