/*
 * SRS of the policy host. The addresses were made by Mail::SRS 0.31 on DAY.
 *
 * SPDX-License-Identifier: MIT
 */
#include "policy/srs.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET "change this"
#define DAY    20781 /* 2026-11-24 */

#define LOCAL "SRS0=+Imb=JN=example.org=bob"

/* NULL: refused. */
static void check(const char *text, const char *secret, int64_t day, const char *want)
{
    struct ehlo_slice local = dup_slice(text);
    size_t size = want == NULL ? 200 : strlen(want) + 1;
    char *address = malloc(size);

    assert_non_null(address);
    assert_of(text, srs_reverse(local, secret, day, address, size) == (want != NULL));
    if (want != NULL) {
        assert_octets_of(text, address, strlen(address), want, strlen(want));
        assert_of(text, !srs_reverse(local, secret, day, address, size - 1));
    }
    free_slice(local);
    free(address);
}

static void test_is_address(void **state)
{
    static const struct {
        const char *text;
        bool is;
    } rows[] = {
        {"SRS0=", true},     {"SRS1=", true},  {"srs0+x", true},      {"Srs1-x", true},
        {"SRS0", false},     {"SRS", false},   {"", false},           {"SRS2=x", false},
        {"SRS0_x", false},   {"SRS0.", false}, {"\"SRS0=x\"", false}, {"XSRS0=", false},
        {"S\x12S0=", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ehlo_slice text = dup_slice(rows[i].text);

        assert_of(rows[i].text, srs_is_address(text) == rows[i].is);
        free_slice(text);
    }
    assert_false(srs_is_address((struct ehlo_slice){NULL, 0}));
}

static void test_reverse(void **state)
{
    static const struct {
        const char *local, *want;
    } rows[] = {
        {LOCAL, "bob@example.org"},
        {"SRS0++Imb=JN=example.org=bob", "bob@example.org"},
        {"SRS0-+Imb=JN=example.org=bob", "bob@example.org"},
        {"srs0=+iMB=jn=EXAMPLE.org=BOB", "BOB@EXAMPLE.org"},
        {"SRS0=n2PZ=JN=Example.ORG=Bob=x+y", "Bob=x+y@Example.ORG"},
        {"SRS0=+ImbO=JN=example.org=bob", "bob@example.org"},
        {"SRS0=+ImbOCrrY9WG2xyAPYlumX0DnBU=JN=example.org=bob", "bob@example.org"},
        {"SRS1=Xk14=other.example==+Imb=JN=example.org=bob",
         "SRS0=+Imb=JN=example.org=bob@other.example"},
        {"SRS1+eeHR=other.example=++Imb=JN=example.org=bob",
         "SRS0++Imb=JN=example.org=bob@other.example"},
        {"SRS1-lRq6=other.example=-+Imb=JN=example.org=bob",
         "SRS0-+Imb=JN=example.org=bob@other.example"},
        {"srs1=XK14=OTHER.example==+imb=jn=example.org=bob",
         "SRS0=+imb=jn=example.org=bob@OTHER.example"},

        {"bob", NULL},
        {"SRS0=", NULL},
        {"SRS0=+Imb", NULL},
        {"SRS0=+Imb=JN", NULL},
        {"SRS0=+Imb=JN=example.org", NULL},
        {"SRS0=+Imb=JN=example.org=", NULL},
        {"SRS0=+Imb=JN=example.org=bo", NULL},
        {"SRS0=+Imb=JN=example.org=bobb", NULL},
        {"SRS0=+Imb=JN=example.com=bob", NULL},
        {"SRS0=+Imb=JM=example.org=bob", NULL},
        {"SRS0=+Imc=JN=example.org=bob", NULL},
        {"SRS0=-Imb=JN=example.org=bob", NULL},
        {"SRS0=+Im=JN=example.org=bob", NULL}, /* too short a hash */
        {"SRS0==JN=example.org=bob", NULL},
        {"SRS0=+ImbX=JN=example.org=bob", NULL},
        {"SRS0=+ImbOCrrY9WG2xyAPYlumX0DnBUA=JN=example.org=bob", NULL}, /* too long */
        {"SRS1=Xk14=other.example=+Imb=JN=example.org=bob", NULL},
        {"SRS1=Xk14=third.example==+Imb=JN=example.org=bob", NULL},
        {"SRS1=Xk14=other.example==+Imb=JN=example.org=rob", NULL},
        {"SRS1=Xk14=other.example", NULL},
        {"SRS1=Xk14", NULL},
        {"SRS1=", NULL},
        {"SRS0=Xk14=other.example==+Imb=JN=example.org=bob", NULL},
    };

    (void)state;
    if (!srs_is_built())
        skip();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(rows[i].local, SECRET, DAY, rows[i].want);
    check(LOCAL, "change thiS", DAY, NULL);
    check("SRS0=ZR8E=JN=example.org=bob", "", DAY, NULL); /* the hash is right */
}

static void test_age(void **state)
{
    static const struct {
        int64_t age;
        bool good;
    } rows[] = {{-1, false}, {0, true},     {1, true},    {20, true},   {21, true},   {22, false},
                {23, false}, {1023, false}, {1024, true}, {1045, true}, {1046, false}};

    (void)state;
    if (!srs_is_built())
        skip();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(LOCAL, SECRET, DAY + rows[i].age, rows[i].good ? "bob@example.org" : NULL);
    check(LOCAL, SECRET, -1, NULL);
    /* The other forwarder looks at the age of its own. */
    check("SRS1=Xk14=other.example==+Imb=JN=example.org=bob", SECRET, DAY + 500,
          "SRS0=+Imb=JN=example.org=bob@other.example");
}

/* Whatever one octet is changed to, it is ours no more, but for what stands for the same. */
static void test_octets(void **state)
{
    char text[] = LOCAL;
    char address[100];

    (void)state;
    if (!srs_is_built())
        skip();
    for (size_t i = 0; i < sizeof text - 1; i++) {
        char was = text[i];

        for (int octet = 0; octet < 256; octet++) {
            struct ehlo_slice local = {text, sizeof text - 1};
            bool same = octet == was ||
                        ((octet ^ was) == 0x20 && ((was | 0x20) >= 'a' && (was | 0x20) <= 'z')) ||
                        (i == 4 && (octet == '+' || octet == '-'));

            text[i] = (char)octet;
            if (srs_reverse(local, SECRET, DAY, address, sizeof address) != same)
                fail_msg("octet %zu is 0x%02x", i, (unsigned)octet);
        }
        text[i] = was;
    }
}

static void test_long(void **state)
{
    char text[3000];
    char address[3000];

    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text, "SRS0=abcd=JN=example.org=", 25);
    assert_false(
        srs_reverse((struct ehlo_slice){text, sizeof text}, SECRET, DAY, address, sizeof address));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_address), cmocka_unit_test(test_reverse),
        cmocka_unit_test(test_age),        cmocka_unit_test(test_octets),
        cmocka_unit_test(test_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
