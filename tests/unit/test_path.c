/*
 * lib/syntax/path.c: paths and mailboxes, well-formed and not, octets and limits. The arguments of
 * MAIL and RCPT, and what is tolerated, are in test_path_arguments.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax_support.h"

#define OK         EHLO_SYNTAX_OK
#define MALFORMED  EHLO_SYNTAX_MALFORMED
#define UNBALANCED EHLO_SYNTAX_UNBALANCED
#define NO_DOMAIN  EHLO_SYNTAX_NO_DOMAIN
#define NOT_ASCII  EHLO_SYNTAX_NOT_ASCII
#define TOO_LONG   EHLO_SYNTAX_TOO_LONG
#define ALL        (EHLO_ODDITIES_ALL | (uint32_t)EHLO_SYNTAX_UTF8)

/* Well-formed paths. R5321-4.1.1.2-1, R5321-4.1.1.3-1, -2, R5321-4.1.2-1, R5321-4.1.3-1, -2,
 * R5321-4.5.1-2, R5321-2.4-2 */
static const struct {
    const char *text, *mailbox, *local, *domain;
    uint32_t flags;
    bool reverse, forward; /* as which it is well-formed */
} paths[] = {
    {"<>", "", "", "", EHLO_PATH_NULL, true, false},
    {"<a@b.example>", "a@b.example", "a", "b.example", 0, true, true},
    {"<Smith@B.Example>", "Smith@B.Example", "Smith", "B.Example", 0, true, true},
    {"<a@localhost>", "a@localhost", "a", "localhost", 0, true, true},
    {"<a.b+c=d@e.example>", "a.b+c=d@e.example", "a.b+c=d", "e.example", 0, true, true},
    {"<!#$%&'*+-/=?^_`{|}~@b.example>", "!#$%&'*+-/=?^_`{|}~@b.example", "!#$%&'*+-/=?^_`{|}~",
     "b.example", 0, true, true},
    {"<\"a>b\"@example.org>", "\"a>b\"@example.org", "\"a>b\"", "example.org", EHLO_PATH_QUOTED,
     true, true},
    {"<\"a b\"@c.example>", "\"a b\"@c.example", "\"a b\"", "c.example", EHLO_PATH_QUOTED, true,
     true},
    {"<\"a\\\"<@\\\\\"@c.example>", "\"a\\\"<@\\\\\"@c.example", "\"a\\\"<@\\\\\"", "c.example",
     EHLO_PATH_QUOTED, true, true},
    {"<\"\"@c.example>", "\"\"@c.example", "\"\"", "c.example", EHLO_PATH_QUOTED, true, true},
    {"<a@[192.0.2.1]>", "a@[192.0.2.1]", "a", "[192.0.2.1]", EHLO_PATH_LITERAL, true, true},
    {"<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", "a", "[IPv6:2001:db8::1]", EHLO_PATH_LITERAL,
     true, true},
    {"<@r.example:u@c.example>", "u@c.example", "u", "c.example", EHLO_PATH_ROUTE, true, true},
    {"<@a.example,@b.example:u@c.example>", "u@c.example", "u", "c.example", EHLO_PATH_ROUTE, true,
     true},
    {"<postmaster>", "postmaster", "postmaster", "", EHLO_PATH_POSTMASTER, false, true},
    {"<POSTmaster>", "POSTmaster", "POSTmaster", "", EHLO_PATH_POSTMASTER, false, true},
    {"<\"Post\\master\">", "\"Post\\master\"", "\"Post\\master\"", "",
     EHLO_PATH_POSTMASTER | EHLO_PATH_QUOTED, false, true},
    {"<Postmaster@b.example>", "Postmaster@b.example", "Postmaster", "b.example",
     EHLO_PATH_POSTMASTER, true, true},
    {"<postmaster2@b.example>", "postmaster2@b.example", "postmaster2", "b.example", 0, true, true},
};

static void check_path(const char *name, const struct ehlo_path *path, size_t i)
{
    assert_slice_of(name, path->whole, paths[i].text);
    assert_slice_of(name, path->mailbox, paths[i].mailbox);
    assert_slice_of(name, path->local, paths[i].local);
    assert_slice_of(name, path->domain, paths[i].domain);
    check_number(name, "flags", path->flags, paths[i].flags);
    check_number(name, "oddities", path->oddities, 0);
    check_number(name, "reserved", path->reserved, 0);
}

static void test_path_well_formed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(paths); i++) {
        struct ehlo_slice text = dup_slice(paths[i].text);
        struct ehlo_path path;

        memset(&path, 0x55, sizeof path);
        assert_of(paths[i].text,
                  (ehlo_parse_reverse_path(text, 0, &path) == OK) == paths[i].reverse);
        if (paths[i].reverse)
            check_path(paths[i].text, &path, i);
        memset(&path, 0x55, sizeof path);
        assert_of(paths[i].text,
                  (ehlo_parse_forward_path(text, 0, &path) == OK) == paths[i].forward);
        if (paths[i].forward)
            check_path(paths[i].text, &path, i);
        free_slice(text);
    }
}

/* Paths that no tolerance takes, as forward-path */
static const struct {
    const char *text;
    enum ehlo_syntax want;
} bad_paths[] = {
    {"<>", MALFORMED}, /* R5321-4.1.1.3-1 */
    {"", MALFORMED},
    {"<a@b.example", UNBALANCED},
    {"a@b.example>", UNBALANCED},
    {"<a@b.example>>", UNBALANCED},
    {"<<a@b.example>", UNBALANCED},
    {"<<a@b.example>>", UNBALANCED},
    {"<", UNBALANCED},
    {">", UNBALANCED},
    {"<\"a@b.example>", UNBALANCED},
    {"<a\"b@c.example>", UNBALANCED},
    {"<\"a\\\"@b.example>", UNBALANCED},
    {"<a@[192.0.2.1>", UNBALANCED},
    {"<a@192.0.2.1]>", UNBALANCED},
    {"<a@[[192.0.2.1]]>", UNBALANCED},
    {"<[a@b.example>", UNBALANCED},
    {"<user>", NO_DOMAIN},
    {"<user@>", NO_DOMAIN},
    {"<postmaster@>", NO_DOMAIN},
    {"<\"a b\">", NO_DOMAIN},
    {"<@r.example:user>", NO_DOMAIN},
    {"<@r.example:postmaster>", NO_DOMAIN},
    {"<a@b.example>x", MALFORMED},
    {"<a@b.example> ", MALFORMED},
    {" <a@b.example", UNBALANCED},
    {"<@b.example>", MALFORMED},
    {"<@>", MALFORMED},
    {"<@b.example:>", MALFORMED},
    {"<@b.example>:a@c.example>", MALFORMED},
    {"<@a.example, @b.example:u@c.example>", MALFORMED},
    {"<@a.example,b.example:u@c.example>", MALFORMED},
    {"<@a.example,:u@c.example>", MALFORMED},
    {"<@a.example,u@c.example>", MALFORMED},
    {"<@a.example@b.example:u@c.example>", MALFORMED},
    {"<@[192.0.2.1]:u@c.example>", MALFORMED},
    {"<@a-.example:u@c.example>", MALFORMED},
    {"<a b@c.example>", MALFORMED},
    {"<a@b@c.example>", MALFORMED},
    {"<a,b@c.example>", MALFORMED},
    {"<a@b.example,c@d.example>", MALFORMED},
    {"< a@b.example>", MALFORMED},
    {"<a@b.example >", MALFORMED},
    {"<a@ b.example>", MALFORMED},
    {"<a(b)@c.example>", MALFORMED},
    {"<\"a\"b@c.example>", MALFORMED},
    {"<a.\"b\"@c.example>", MALFORMED},
    {"<\"a\".b@c.example>", MALFORMED},
    {"<.@c.example>", MALFORMED},
    {"<...@c.example>", MALFORMED},
    {"<a\\b@c.example>", MALFORMED},
    {"<a@b..example>", MALFORMED},
    {"<a@.example>", MALFORMED},
    {"<a@-b.example>", MALFORMED},
    {"<a@[256.1.1.1]>", MALFORMED},
    {"<a@[1.2.3]>", MALFORMED},
    {"<a@[IPv6:1::2::3]>", MALFORMED},
    {"<a@[2001:db8::1]>", MALFORMED},
    {"<a@[foo:x]>", MALFORMED}, /* R5321-4.1.3-3 */
    {"<a@[192.0.2.1]x>", MALFORMED},
    {"<a@[192.0.2.1].example>", MALFORMED},
    {"<a@b.example\t>", MALFORMED},
    {"<\"a\tb\"@c.example>", MALFORMED},
    {"<\"a\\\tb\"@c.example>", MALFORMED},
    {"<\xc0\xaf@b.example>", MALFORMED},         /* R6531-3.3-1: overlong */
    {"<\xed\xa0\x80@b.example>", MALFORMED},     /* surrogate */
    {"<\xf4\x90\x80\x80@b.example>", MALFORMED}, /* above U+10FFFF */
    {"<a\xe9@b.example>", MALFORMED},            /* Latin-1 */
    {"<a@\xe9.example>", MALFORMED},
    {"<\"\\\xc3\xbc\"@b.example>", MALFORMED}, /* quoted-pair is ASCII */
};

static void test_path_bad_with_every_tolerance(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(bad_paths); i++) {
        struct ehlo_slice text = dup_slice(bad_paths[i].text);
        struct ehlo_path path;

        memset(&path, 0x55, sizeof path);
        check_number(bad_paths[i].text, "verdict", ehlo_parse_forward_path(text, ALL, &path),
                     bad_paths[i].want);
        check_number(bad_paths[i].text, "an untouched field", path.flags, 0x55555555);
        free_slice(text);
    }
}

/* R5321-4.1.1.2-1: a sender is never "postmaster" alone, and `<>` is no missing argument. */
static void test_path_reverse_differs(void **state)
{
    struct ehlo_slice parameters;
    struct ehlo_path path;

    (void)state;
    assert_int_equal(ehlo_parse_reverse_path(SLICE("<postmaster>"), ALL, &path), NO_DOMAIN);
    assert_int_equal(ehlo_parse_reverse_path(SLICE(""), ALL, &path), MALFORMED);
    assert_int_equal(ehlo_parse_mail(SLICE("FROM:"), ALL, &path, &parameters), MALFORMED);
    assert_int_equal(ehlo_parse_mail(SLICE("FROM: "), ALL, &path, &parameters), MALFORMED);
    assert_int_equal(ehlo_parse_mail(SLICE("FROM:<> X"), 0, &path, &parameters), OK);
    assert_int_equal(path.flags, EHLO_PATH_NULL);
    assert_slice_of("null path", path.whole, "<>");
}

/* Tells whether the local-part may hold the octet, outside or inside quotes. */
static bool may_hold(int octet, bool is_quoted)
{
    bool let_dig = (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'Z') ||
                   (octet >= 'a' && octet <= 'z');

    if (is_quoted)
        return octet >= 32 && octet <= 126 &&
               octet != '"'; /* a backslash and the "b" make a pair */
    return let_dig || (octet != 0 && strchr("!#$%&'*+-/=?^_`{|}~.", octet) != NULL);
}

/* R5321-4.1.2-1, -5 */
static void test_path_every_octet_in_a_local_part(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char atom[] = "<a?b@c.example>", quoted[] = "<\"a?b\"@c.example>";
        char pair[] = "<\"a\\?b\"@c.example>";
        struct ehlo_path path;

        atom[2] = (char)octet;
        quoted[3] = (char)octet;
        pair[4] = (char)octet;
        if ((ehlo_parse_forward_path((struct ehlo_slice){atom, sizeof atom - 1}, 0, &path) == OK) !=
            may_hold(octet, false))
            fail_msg("atom, octet %d", octet);
        if ((ehlo_parse_forward_path((struct ehlo_slice){quoted, sizeof quoted - 1}, 0, &path) ==
             OK) != may_hold(octet, true))
            fail_msg("quoted, octet %d", octet);
        if ((ehlo_parse_forward_path((struct ehlo_slice){pair, sizeof pair - 1}, 0, &path) == OK) !=
            (octet >= 32 && octet <= 126))
            fail_msg("quoted pair, octet %d", octet);
    }
}

/* R5321-4.1.2-5: controls pass nowhere, under any tolerance */
static void test_path_controls_pass_nowhere(void **state)
{
    static const char text[] = "FROM:Joe <@r.example:a@b.example>";

    (void)state;
    for (size_t place = 0; place <= sizeof text - 1; place++) {
        for (int octet = 0; octet <= 127; octet = octet == 31 ? 127 : octet + 1) {
            char changed[sizeof text];
            struct ehlo_slice parameters;
            struct ehlo_path path;

            if (octet == '\t')
                continue;
            memcpy(changed, text, place);
            changed[place] = (char)octet;
            memcpy(changed + place + 1, text + place, sizeof text - 1 - place);
            if (ehlo_parse_mail((struct ehlo_slice){changed, sizeof changed}, ALL, &path,
                                &parameters) == OK)
                fail_msg("octet %d at %zu", octet, place);
        }
    }
}

/* R5321-4.5.3.1-1 */
static void test_path_local_part_length(void **state)
{
    (void)state;
    for (size_t length = EHLO_LOCAL_PART_MAX - 1; length <= EHLO_LOCAL_PART_MAX + 1; length++) {
        struct ehlo_slice local = repeated('a', length);
        struct ehlo_slice text = joined(3, SLICE("<"), local, SLICE("@b.example>"));
        bool is_long = length > EHLO_LOCAL_PART_MAX;
        struct ehlo_path path;

        assert_int_equal(ehlo_parse_forward_path(text, 0, &path), is_long ? TOO_LONG : OK);
        assert_int_equal(ehlo_parse_forward_path(text, EHLO_ODDITY_LONG_LOCAL_PART, &path), OK);
        assert_int_equal(path.oddities, is_long ? EHLO_ODDITY_LONG_LOCAL_PART : 0);
        free_slice(local);
        free_slice(text);
    }
}

/* R5321-4.5.3.1-1: 256 octets with the brackets, the route not counted */
static void test_path_length(void **state)
{
    (void)state;
    for (size_t length = EHLO_PATH_MAX - 1; length <= EHLO_PATH_MAX + 1; length++) {
        enum ehlo_syntax want = length <= EHLO_PATH_MAX ? OK : TOO_LONG;
        struct ehlo_slice local = repeated('a', length - 12);
        struct ehlo_slice box = joined(2, local, SLICE("@b.example"));
        struct ehlo_slice plain = joined(3, SLICE("<"), box, SLICE(">"));
        struct ehlo_slice routed = joined(3, SLICE("<@r.example:"), box, SLICE(">"));
        struct ehlo_path path;

        assert_int_equal(ehlo_parse_forward_path(plain, ALL, &path), want);
        assert_int_equal(ehlo_parse_reverse_path(routed, ALL, &path), want);
        assert_int_equal(ehlo_parse_forward_path(box, ALL, &path), want); /* no brackets */
        assert_int_equal(ehlo_parse_mailbox(box, ALL, &path), want);
        free_slice(local);
        free_slice(box);
        free_slice(plain);
        free_slice(routed);
    }
}

/* A domain of 255 octets never fits a path, but a route may hold it. */
static void test_path_route_domain_length(void **state)
{
    (void)state;
    for (size_t length = EHLO_DOMAIN_MAX - 1; length <= EHLO_DOMAIN_MAX + 1; length++) {
        struct ehlo_slice domain = repeated('a', length);
        struct ehlo_slice text;
        struct ehlo_path path;

        for (size_t i = 50; i < length - 1; i += 50)
            ((char *)(uintptr_t)domain.data)[i] = '.';
        text = joined(3, SLICE("<@"), domain, SLICE(":a@b.example>"));
        assert_int_equal(ehlo_parse_forward_path(text, ALL, &path),
                         length <= EHLO_DOMAIN_MAX ? OK : TOO_LONG);
        free_slice(domain);
        free_slice(text);
    }
}

static const struct {
    const char *text;
    enum ehlo_syntax want;
} mailboxes[] = {
    {"a@b.example", OK},
    {"\"a b\"@[192.0.2.1]", OK},
    {"a", NO_DOMAIN},
    {"postmaster", NO_DOMAIN},
    {"a@", NO_DOMAIN},
    {"", MALFORMED},
    {"<a@b.example>", MALFORMED},
    {"a@b.example ", MALFORMED},
    {"@r.example:a@b.example", MALFORMED},
    {"<a@b.example", UNBALANCED},
    {"\"a@b", UNBALANCED},
    {"\xc3\xbc@b.example", NOT_ASCII},
};

static void test_path_mailbox(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(mailboxes); i++) {
        struct ehlo_slice text = dup_slice(mailboxes[i].text);
        struct ehlo_path path;

        check_number(mailboxes[i].text, "verdict", ehlo_parse_mailbox(text, 0, &path),
                     mailboxes[i].want);
        if (mailboxes[i].want == OK)
            assert_slice_of(mailboxes[i].text, path.whole, mailboxes[i].text);
        free_slice(text);
    }
}

static bool has_control(struct ehlo_slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.data[i] < 32 || text.data[i] == 127)
            return true;
    }
    return false;
}

/* What holds for any path that was taken. */
static void check_taken(struct ehlo_slice text, const struct ehlo_path *path)
{
    struct ehlo_path again;

    assert_true(lies_in(path->whole, text) && lies_in(path->mailbox, path->whole) &&
                lies_in(path->local, path->mailbox) && lies_in(path->domain, path->mailbox));
    assert_false(has_control(path->whole));
    assert_true(ehlo_is_utf8(path->whole));
    assert_true(path->mailbox.length <= EHLO_PATH_MAX - 2);
    if (path->domain.length > 0) /* the mailbox alone means the same */
        assert_int_equal(ehlo_parse_mailbox(path->mailbox, ALL, &again), OK);
}

static void read_argument(struct ehlo_slice text)
{
    struct ehlo_slice parameters;
    struct ehlo_path path;

    if (ehlo_parse_mail(text, ALL, &path, &parameters) == OK) {
        check_taken(text, &path);
        assert_true(lies_in(parameters, text));
    }
    if (ehlo_parse_rcpt(text, ALL, &path, &parameters) == OK)
        check_taken(text, &path);
    if (ehlo_parse_forward_path(text, ALL, &path) == OK)
        check_taken(text, &path);
    if (ehlo_parse_mail(text, 0, &path, &parameters) == OK)
        assert_int_equal(path.oddities, 0);
}

static void test_path_survives_damage(void **state)
{
    (void)state;
    for_each_damage(SLICE("FROM:<@a.example,@b.example:u.v@c-d.example> SIZE=1 X"), read_argument);
    for_each_damage(SLICE("FROM: \"J. Doe\" <\"a\\\" >b\"@[IPv6:2001:db8::1]>  X=y"),
                    read_argument);
    for_each_damage(SLICE("TO:<j\xc3\xbcrgen@b\xc3\xbc"
                          "cher.example>"),
                    read_argument);
    for_each_damage(SLICE("TO:a@b.example AUTH=<>"), read_argument);
    for_each_damage(SLICE("<a@b.example>"), read_argument);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_path_well_formed),
        cmocka_unit_test(test_path_bad_with_every_tolerance),
        cmocka_unit_test(test_path_reverse_differs),
        cmocka_unit_test(test_path_every_octet_in_a_local_part),
        cmocka_unit_test(test_path_controls_pass_nowhere),
        cmocka_unit_test(test_path_local_part_length),
        cmocka_unit_test(test_path_length),
        cmocka_unit_test(test_path_route_domain_length),
        cmocka_unit_test(test_path_mailbox),
        cmocka_unit_test(test_path_survives_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
