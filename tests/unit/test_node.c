/*
 * lib/syntax/node.c: the argument of ETRN.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/parameters.h"
#include "syntax_support.h"

#define OK        EHLO_SYNTAX_OK
#define MALFORMED EHLO_SYNTAX_MALFORMED
#define NOT_ASCII EHLO_SYNTAX_NOT_ASCII
#define TOO_LONG  EHLO_SYNTAX_TOO_LONG
#define HOST      EHLO_NODE_HOST
#define DOMAIN    EHLO_NODE_DOMAIN
#define QUEUE     EHLO_NODE_QUEUE

/* R1985-5-2 */
static const struct {
    const char *argument;
    enum ehlo_syntax want;
    uint32_t kind;
    const char *name;
} nodes[] = {
    {"sigurd.innosoft.com", OK, HOST, "sigurd.innosoft.com"},
    {"Uu.NET", OK, HOST, "Uu.NET"},
    {"foo.bar", OK, HOST, "foo.bar"},
    {"@foo.com", OK, DOMAIN, "foo.com"},
    {"#uucp", OK, QUEUE, "uucp"},
    {"#a", OK, QUEUE, "a"},
    {"##@!~", OK, QUEUE, "#@!~"},
    {"", MALFORMED, 0, NULL},
    {"@", MALFORMED, 0, NULL},
    {"#", MALFORMED, 0, NULL},
    {"localname", MALFORMED, 0, NULL}, /* RFC 1985 7 */
    {"@com", MALFORMED, 0, NULL},
    {"foo.com.", MALFORMED, 0, NULL},
    {"foo.", MALFORMED, 0, NULL},
    {".com", MALFORMED, 0, NULL},
    {"foo..com", MALFORMED, 0, NULL},
    {"-foo.com", MALFORMED, 0, NULL},
    {"foo-.com", MALFORMED, 0, NULL},
    {"foo_bar.com", MALFORMED, 0, NULL},
    {"foo.com bar.com", MALFORMED, 0, NULL},
    {"@ foo.com", MALFORMED, 0, NULL},
    {"@@foo.com", MALFORMED, 0, NULL},
    {"@#foo.com", MALFORMED, 0, NULL},
    {"$foo.com", MALFORMED, 0, NULL},
    {"user@foo.com", MALFORMED, 0, NULL},
    {"<foo.com>", MALFORMED, 0, NULL},
    {"[192.0.2.1]", MALFORMED, 0, NULL},
    {"#uu cp", MALFORMED, 0, NULL},
    {"#uu\tcp", MALFORMED, 0, NULL},
    {"#\xc3\xbc", MALFORMED, 0, NULL},
    {"b\xc3\xbc.example", NOT_ASCII, 0, NULL},
    {"@b\xc3\xbc.example", NOT_ASCII, 0, NULL},
};

static void test_node_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(nodes); i++) {
        const char *row = nodes[i].argument;
        struct ehlo_slice argument = dup_slice(row);
        struct ehlo_node node;

        memset(&node, 0x55, sizeof node);
        check_number(row, "verdict", ehlo_parse_node(argument, &node), nodes[i].want);
        if (nodes[i].want == OK) {
            check_number(row, "kind", node.kind, nodes[i].kind);
            check_number(row, "reserved", node.reserved, 0);
            assert_slice_of(row, node.name, nodes[i].name);
            assert_of(row, lies_in(node.name, argument));
        } else {
            check_number(row, "untouched kind", node.kind, 0x55555555);
        }
        free_slice(argument);
    }
}

/* R1985-5-2: a queue name is any graphic ASCII, a node name what a domain is. */
static void test_node_every_octet(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char host[] = "a?b.c", queue[] = "#a?b", option[] = "?b.c";
        struct ehlo_node node;
        bool is_let_dig = (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'Z') ||
                          (octet >= 'a' && octet <= 'z');

        host[1] = queue[2] = option[0] = (char)octet;
        if ((ehlo_parse_node((struct ehlo_slice){host, 5}, &node) == OK) !=
            (is_let_dig || octet == '-' || octet == '.'))
            fail_msg("host, octet %d", octet);
        if ((ehlo_parse_node((struct ehlo_slice){queue, 4}, &node) == OK) !=
            (octet > 32 && octet < 127))
            fail_msg("queue, octet %d", octet);
        if ((ehlo_parse_node((struct ehlo_slice){option, 4}, &node) == OK) !=
            (is_let_dig || octet == '@' || octet == '#'))
            fail_msg("option, octet %d", octet);
    }
}

static void test_node_lengths(void **state)
{
    static const size_t sizes[] = {254, 255, 256};

    (void)state;
    for (size_t i = 0; i < ROWS(sizes); i++) {
        char text[300];
        struct ehlo_slice option, argument;
        struct ehlo_node node;

        for (size_t at = 0; at < sizes[i]; at++)
            text[at] = at % 50 == 49 ? '.' : 'a';
        argument = exact((struct ehlo_slice){text, sizes[i]});
        option = joined(2, SLICE("@"), argument);
        assert_int_equal(ehlo_parse_node(argument, &node), sizes[i] <= 255 ? OK : TOO_LONG);
        assert_int_equal(ehlo_parse_node(option, &node), sizes[i] <= 255 ? OK : TOO_LONG);
        free_slice(argument);
        free_slice(option);
    }
}

static void read_node(struct ehlo_slice text)
{
    struct ehlo_node node;

    if (ehlo_parse_node(text, &node) == OK)
        assert_true(node.name.length > 0 && lies_in(node.name, text));
}

static void test_node_survives_damage(void **state)
{
    (void)state;
    read_node((struct ehlo_slice){NULL, 0});
    for_each_damage(SLICE("@foo-bar.example"), read_node);
    for_each_damage(SLICE("#uucp"), read_node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_node_table),
        cmocka_unit_test(test_node_every_octet),
        cmocka_unit_test(test_node_lengths),
        cmocka_unit_test(test_node_survives_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
