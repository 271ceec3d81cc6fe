/*
 * Tests of lib/server/config.c and of the memory of a session: each member at its limits, sizes,
 * blocks at every alignment without an octet to spare, exchange of the configuration.
 *
 * SPDX-License-Identifier: MIT
 */
#include "accepting.h"
#include "recorder.h"
#include "wire_support.h"

#define GOOD EHLO_SERVER_CONFIG_DEFAULTS, .hostname = "mx.example"
#define L63  "a23456789012345678901234567890123456789012345678901234567890123"
#define L61  "a234567890123456789012345678901234567890123456789012345678901"

static const struct ehlo_mechanism mechanisms[] = {{.name = "SCRAM-SHA-256"}, {.name = NULL}};
static const struct ehlo_mechanism no_mechanisms[] = {{.name = NULL}};
static const struct ehlo_verb verbs[] = {{.verb = "XFOO"}, {.verb = NULL}};
static const struct ehlo_verb no_verbs[] = {{.verb = NULL}};

#define SUBMISSION .mode = EHLO_MODE_SUBMISSION
#define LMTP       .mode = EHLO_MODE_LMTP
#define YEAR       "2030-01-01T00:00:00Z"
#define RELEASE(seconds, date)                                                                     \
    .extensions = EHLO_EXTENSION_FUTURERELEASE, .max_hold_for = (seconds), .max_hold_until = (date)

/* R5321-4.5.3.1-2 (line), -6 (content), -7 (recipients), -4 (line of content) set the lower bounds
 */
static const struct row {
    const char *name, *what; /* NULL: good */
    struct ehlo_server_config config;
} rows[] = {
    {"defaults", NULL, {GOOD}},
    {"codes last", NULL, {GOOD, .codes = EHLO_CODES_REGISTRY}},
    {"codes beyond", "codes", {GOOD, .codes = EHLO_CODES_REGISTRY + 1}},
    {"mode last", NULL, {GOOD, LMTP}},
    {"mode beyond", "mode", {GOOD, .mode = EHLO_MODE_LMTP + 1}},
    {"disabled all", NULL, {GOOD, .disabled_extensions = EHLO_EXTENSIONS_ALL}},
    {"disabled no bit", "disabled_extensions", {GOOD, .disabled_extensions = 0x400}},
    {"disabled beyond", "disabled_extensions", {GOOD, .disabled_extensions = 0x4000000}},
    {"extensions all but one",
     NULL,
     {GOOD, .extensions = EHLO_EXTENSIONS_OPTIONAL & ~EHLO_EXTENSION_FUTURERELEASE}},
    {"extensions default", "extensions", {GOOD, .extensions = EHLO_EXTENSION_SIZE}},
    {"extensions beyond", "extensions", {GOOD, .extensions = 0x4000000}},
    {"verbs all", NULL, {GOOD, .disabled_verbs = EHLO_SWITCHES_ALL}},
    {"verbs beyond", "disabled_verbs", {GOOD, .disabled_verbs = 0x8}},
    {"strict all", NULL, {GOOD, .strict = EHLO_ODDITIES_ALL}},
    {"strict no bit", "strict", {GOOD, .strict = 0x200}},
    {"strict UTF8", "strict", {GOOD, .strict = EHLO_SYNTAX_UTF8}},
    {"lenient all", NULL, {GOOD, .lenient = EHLO_ODDITIES_ALL}},
    {"lenient no bit", "lenient", {GOOD, .lenient = 0x8000}},
    {"lenient UTF8", "lenient", {GOOD, .lenient = EHLO_SYNTAX_UTF8}},
    {"early last", NULL, {GOOD, .early = EHLO_EARLY_NOTE}},
    {"early beyond", "early", {GOOD, .early = EHLO_EARLY_NOTE + 1}},
    {"pipelining last", NULL, {GOOD, .pipelining = EHLO_PIPELINING_IGNORE}},
    {"pipelining beyond", "pipelining", {GOOD, .pipelining = EHLO_PIPELINING_IGNORE + 1}},
    {"bare_lf last", NULL, {GOOD, .bare_lf = EHLO_BARE_LF_ACCEPT}},
    {"bare_lf beyond", "bare_lf", {GOOD, .bare_lf = EHLO_BARE_LF_ACCEPT + 1}},
    {"bare_cr last", NULL, {GOOD, .bare_cr = EHLO_BARE_CR_ACCEPT}},
    {"bare_cr beyond", "bare_cr", {GOOD, .bare_cr = EHLO_BARE_CR_ACCEPT + 1}},
    {"nul last", NULL, {GOOD, .nul = EHLO_NUL_ACCEPT}},
    {"nul beyond", "nul", {GOOD, .nul = EHLO_NUL_ACCEPT + 1}},
    {"eight_bit last", NULL, {GOOD, .eight_bit = EHLO_8BIT_REFUSE}},
    {"eight_bit beyond", "eight_bit", {GOOD, .eight_bit = EHLO_8BIT_REFUSE + 1}},
    {"source_route last", NULL, {GOOD, .source_route = EHLO_ROUTE_REFUSE}},
    {"source_route beyond", "source_route", {GOOD, .source_route = EHLO_ROUTE_REFUSE + 1}},
    {"source_route 255", "source_route", {GOOD, .source_route = 255}},
    {"line 511", "line_size", {GOOD, .line_size = 511}},
    {"line 512", NULL, {GOOD, .line_size = 512}},
    {"line 1", "line_size", {GOOD, .line_size = 1}},
    {"line 65535", NULL, {GOOD, .line_size = 65535}},
    {"line 65536", "line_size", {GOOD, .line_size = 65536}},
    {"output 1023", "output_size", {GOOD, .output_size = 1023}},
    {"output 1024", NULL, {GOOD, .output_size = 1024}},
    {"output 65535", NULL, {GOOD, .output_size = 65535}},
    {"output 65536", "output_size", {GOOD, .output_size = 65536}},
    {"decisions 1", NULL, {GOOD, .decisions = 1}},
    {"decisions 64", NULL, {GOOD, .decisions = 64}},
    {"decisions 65", "decisions", {GOOD, .decisions = 65}},
    {"decisions max", "decisions", {GOOD, .decisions = UINT32_MAX}},
    {"recipients 99", "max_recipients", {GOOD, .max_recipients = 99}},
    {"recipients 100", NULL, {GOOD, .max_recipients = 100}},
    {"recipients few", NULL, {GOOD, .max_recipients = 1, .few_recipients = true}},
    {"recipients max", NULL, {GOOD, .max_recipients = UINT32_MAX}},
    {"message 65535", "max_message_size", {GOOD, .max_message_size = 65535}},
    {"message 65536", NULL, {GOOD, .max_message_size = 65536}},
    {"message almost unlimited", NULL, {GOOD, .max_message_size = EHLO_UNLIMITED - 1}},
    {"message unlimited", "on_mail", {GOOD, .max_message_size = EHLO_UNLIMITED}},
    {"message unlimited, and on_mail",
     NULL,
     {GOOD, .max_message_size = EHLO_UNLIMITED, .on_mail = accept_mail}},
    {"content line 999", "max_content_line", {GOOD, .max_content_line = 999}},
    {"content line 1000", NULL, {GOOD, .max_content_line = 1000}},
    {"content line max", NULL, {GOOD, .max_content_line = UINT32_MAX}},
    {"auth failures 2", "max_auth_failures", {GOOD, .max_auth_failures = 2}},
    {"auth failures 3", NULL, {GOOD, .max_auth_failures = 3}},
    {"auth failures max", NULL, {GOOD, .max_auth_failures = UINT32_MAX}},
    {"domains 1", NULL, {GOOD, .max_recipient_domains = 1}},
    {"domains 1000", NULL, {GOOD, .max_recipient_domains = 1000}},
    {"domains 1001", "max_recipient_domains", {GOOD, .max_recipient_domains = 1001}},
    {"port 65535", NULL, {GOOD, .port = 65535}},
    {"port 65536", "port", {GOOD, .port = 65536}},
    {"by 999999999", NULL, {GOOD, .min_by_time = 999999999}},
    {"by 1000000000", "min_by_time", {GOOD, .min_by_time = 1000000000}},
    /* R3030-3-1 */
    {"BINARYMIME", NULL, {GOOD, .extensions = EHLO_EXTENSION_BINARYMIME}},
    {"BINARYMIME without CHUNKING",
     "extensions",
     {GOOD, .extensions = EHLO_EXTENSION_BINARYMIME,
      .disabled_extensions = EHLO_EXTENSION_CHUNKING}},
    {"neither",
     NULL,
     {GOOD, .extensions = EHLO_EXTENSION_BINARYMIME,
      .disabled_extensions = EHLO_EXTENSION_CHUNKING | EHLO_EXTENSION_BINARYMIME}},
    /* R6531-3.1-2 */
    {"SMTPUTF8", NULL, {GOOD, .extensions = EHLO_EXTENSION_SMTPUTF8}},
    {"SMTPUTF8 without 8BITMIME",
     "extensions",
     {GOOD, .extensions = EHLO_EXTENSION_SMTPUTF8, .disabled_extensions = EHLO_EXTENSION_8BITMIME}},
    /* R4865-3-1 */
    {"FUTURERELEASE", NULL, {GOOD, SUBMISSION, RELEASE(1, YEAR)}},
    {"FUTURERELEASE in SMTP", "extensions", {GOOD, RELEASE(1, YEAR)}},
    {"FUTURERELEASE in LMTP", "extensions", {GOOD, LMTP, RELEASE(1, YEAR)}},
    {"FUTURERELEASE without an interval", "max_hold_for", {GOOD, SUBMISSION, RELEASE(0, YEAR)}},
    {"FUTURERELEASE without a date", "max_hold_until", {GOOD, SUBMISSION, RELEASE(1, NULL)}},
    {"FUTURERELEASE, disabled",
     NULL,
     {GOOD, SUBMISSION, RELEASE(0, NULL), .disabled_extensions = EHLO_EXTENSION_FUTURERELEASE}},
    {"hold 999999999", NULL, {GOOD, SUBMISSION, RELEASE(999999999, YEAR)}},
    {"hold 1000000000", "max_hold_for", {GOOD, SUBMISSION, RELEASE(1000000000, YEAR)}},
    {"hold until no date", "max_hold_until", {GOOD, SUBMISSION, RELEASE(1, "tomorrow")}},
    {"hold until nothing", "max_hold_until", {GOOD, SUBMISSION, RELEASE(1, "")}},
    {"hold until no day", "max_hold_until", {GOOD, SUBMISSION, RELEASE(1, "2030-02-29T00:00:00Z")}},
    {"hold until not in UTC",
     "max_hold_until",
     {GOOD, SUBMISSION, RELEASE(1, "2030-01-01T00:00:00+01:00")}},
    {"hold until a fraction",
     "max_hold_until",
     {GOOD, SUBMISSION, RELEASE(1, "2030-01-01T00:00:00.5Z")}},
    {"hold until, not offered", "max_hold_until", {GOOD, .max_hold_until = "tomorrow"}},
    /* R2033-5-1, R2033-5-2 */
    {"LMTP at 24", NULL, {GOOD, LMTP, .port = 24}},
    {"LMTP at 25", "port", {GOOD, LMTP, .port = 25}},
    {"SMTP at 25", NULL, {GOOD, .port = 25}},
    {"LMTP without PIPELINING",
     "disabled_extensions",
     {GOOD, LMTP, .disabled_extensions = EHLO_EXTENSION_PIPELINING}},
    {"LMTP without ENHANCEDSTATUSCODES",
     "disabled_extensions",
     {GOOD, LMTP, .disabled_extensions = EHLO_EXTENSION_ENHANCEDSTATUSCODES}},
    {"LMTP without 8BITMIME", NULL, {GOOD, LMTP, .disabled_extensions = EHLO_EXTENSION_8BITMIME}},
    /* R6409-7-1 */
    {"submission", NULL, {GOOD, SUBMISSION}},
    {"submission without service", "null_service", {GOOD, SUBMISSION, .null_service = true}},
    {"no service", NULL, {GOOD, .null_service = true}},
    {"TLS without STARTTLS", NULL, {GOOD, .require_tls = true}},
    /* R9422-3-1, R9422-3.5-1 */
    {"LIMITS, recipients 999999",
     NULL,
     {GOOD, .extensions = EHLO_EXTENSION_LIMITS, .max_recipients = 999999}},
    {"LIMITS, recipients 1000000",
     "max_recipients",
     {GOOD, .extensions = EHLO_EXTENSION_LIMITS, .max_recipients = 1000000}},
    {"LIMITS, recipients 99",
     "max_recipients",
     {GOOD, .extensions = EHLO_EXTENSION_LIMITS, .max_recipients = 99}},
    {"LIMITS, recipients few",
     NULL,
     {GOOD, .extensions = EHLO_EXTENSION_LIMITS, .max_recipients = 1, .few_recipients = true}},
    {"LIMITS, transactions 999999",
     NULL,
     {GOOD, .extensions = EHLO_EXTENSION_LIMITS, .max_transactions = 999999}},
    {"LIMITS, transactions 1000000",
     "max_transactions",
     {GOOD, .extensions = EHLO_EXTENSION_LIMITS, .max_transactions = 1000000}},
    /* R6710-3-1 */
    {"profile 1", NULL, {GOOD, .priority_profile = "a"}},
    {"profile 20", NULL, {GOOD, .priority_profile = "A.2_4-67890123456789"}},
    {"profile 0", "priority_profile", {GOOD, .priority_profile = ""}},
    {"profile 21", "priority_profile", {GOOD, .priority_profile = "A.2_4-678901234567890"}},
    {"profile blank", "priority_profile", {GOOD, .priority_profile = "a b"}},
    {"profile 8-bit", "priority_profile", {GOOD, .priority_profile = "a\xc3\xbc"}},
    {"mechanisms", NULL, {GOOD, .mechanisms = mechanisms, .on_sasl = accept_sasl}},
    {"mechanisms without hook", "on_sasl", {GOOD, .mechanisms = mechanisms}},
    {"no mechanisms", NULL, {GOOD, .mechanisms = no_mechanisms}},
    {"verbs", NULL, {GOOD, .verbs = verbs, .on_command = accept_command}},
    {"verbs without hook", "on_command", {GOOD, .verbs = verbs}},
    {"no verbs", NULL, {GOOD, .verbs = no_verbs}},
    {"counts at 1",
     NULL,
     {GOOD, .max_hops = 1, .max_errors = 1, .max_junk = 1, .max_refused = 1, .max_transactions = 1,
      .max_parameters = 1, .max_header_size = 1, .command_timeout = 1, .content_timeout = 1,
      .decision_timeout = 1, .message_timeout = 1}},
    {"counts at the end",
     NULL,
     {GOOD, .max_hops = UINT32_MAX, .max_errors = UINT32_MAX, .max_junk = UINT32_MAX,
      .max_refused = UINT32_MAX, .max_transactions = UINT32_MAX, .max_parameters = UINT32_MAX,
      .max_header_size = UINT32_MAX, .command_timeout = UINT32_MAX, .content_timeout = UINT32_MAX,
      .decision_timeout = UINT32_MAX, .message_timeout = UINT32_MAX}},
};

/* R5321-4.3.1-2: the greeting starts with a domain or an address literal. */
static const struct {
    const char *hostname;
    bool good;
} hostnames[] = {
    {NULL, false},
    {"", false},
    {"mx.example", true},
    {"localhost", true},
    {"[192.0.2.1]", true},
    {"[IPv6:2001:db8::1]", true},
    {"[2001:db8::1]", false},
    {"[192.0.2.256]", false},
    {"192.0.2.1]", false},
    {"mx_1.example", false},
    {"mx.example.", false},
    {".example", false},
    {"-mx.example", false},
    {"mx..example", false},
    {"mx example", false},
    {"mx.example ", false},
    {"mx.example\r\n250 ok", false},
    {"m\xc3\xbc.example", false},
    {L63 ".example", true},
    {L63 "4.example", false},
    {L63 "." L63 "." L63 "." L63, true},        /* 255 octets */
    {L63 "." L63 "." L63 "." L61 ".a2", false}, /* 256 */
};

static void test_a_bad_member_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct row *row = &rows[i];
        const char *what = "untouched";

        assert_of(row->name, ehlo_server_check(&row->config, &what) ==
                                 (row->what == NULL ? EHLO_OK : EHLO_ERROR_ARGUMENT));
        assert_of(row->name, ehlo_server_check(&row->config, NULL) ==
                                 (row->what == NULL ? EHLO_OK : EHLO_ERROR_ARGUMENT));
        assert_of(row->name, (what == NULL) == (row->what == NULL));
        if (row->what != NULL)
            assert_slice_of(row->name, ehlo_text(what), row->what);
        assert_of(row->name, (ehlo_server_size(&row->config) == 0) == (row->what != NULL));
    }
}

static void test_a_configuration_has_a_name_that_may_greet(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(hostnames); i++) {
        const struct ehlo_server_config config = {EHLO_SERVER_CONFIG_DEFAULTS,
                                                  .hostname = hostnames[i].hostname};
        const char *name = hostnames[i].hostname == NULL ? "NULL" : hostnames[i].hostname;
        const char *what = NULL;

        assert_of(name, (ehlo_server_check(&config, &what) == EHLO_OK) == hostnames[i].good);
        assert_of(name, hostnames[i].good || strcmp(what, "hostname") == 0);
    }
}

static void test_a_configuration_of_another_size_is_a_fault(void **state)
{
    static const size_t sizes[] = {0, 8, sizeof(struct ehlo_server_config) - 1,
                                   sizeof(struct ehlo_server_config) + 1, SIZE_MAX};

    (void)state;
    for (size_t i = 0; i < ROWS(sizes); i++) {
        const struct ehlo_server_config config = {.size = sizes[i], .hostname = "mx.example"};
        const char *what = NULL;

        assert_int_equal(ehlo_server_check(&config, &what), EHLO_ERROR_ARGUMENT);
        assert_string_equal(what, "size");
    }
}

static void test_no_configuration_is_a_fault(void **state)
{
    char memory[8192];
    const char *what = NULL;

    (void)state;
    assert_int_equal(ehlo_server_check(NULL, &what), EHLO_ERROR_ARGUMENT);
    assert_string_equal(what, "size");
    assert_int_equal(ehlo_server_size(NULL), 0);
    assert_null(ehlo_server_init(memory, sizeof memory, NULL, NULL));
}

/* The reply to EHLO has to fit: 128 octets for last words, the first line, the list. */
static void test_the_output_holds_the_reply_to_ehlo(void **state)
{
    static char argument[256];
    struct ehlo_keyword lines_of_host[] = {{.keyword = "X-A", .argument = argument},
                                           {.keyword = "X-B", .argument = argument},
                                           {.keyword = "X-C", .argument = argument},
                                           {.keyword = NULL}};
    struct ehlo_server_config config = {GOOD, .keywords = lines_of_host,
                                        .on_xclient = accept_attributes};
    const char *what;
    size_t least = 0;

    (void)state;
    memset(argument, 'x', sizeof argument - 1);
    for (uint32_t size = 1024; size < 2048 && least == 0; size++) {
        config.output_size = size;
        if (ehlo_server_check(&config, &what) == EHLO_OK)
            least = size;
        else
            assert_string_equal(what, "output_size");
    }
    assert_int_equal(least, 128 + strlen("250-mx.example at your service\r\n") +
                                strlen("250-PIPELINING\r\n250-SIZE 33554432\r\n250-8BITMIME\r\n"
                                       "250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250-HELP\r\n"
                                       "250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR "
                                       "DESTPORT\r\n") +
                                3 * (strlen("250-X-A \r\n") + 255));
    config.output_size = 0; /* the default is no larger */
    assert_int_equal(ehlo_server_check(&config, &what), EHLO_ERROR_ARGUMENT);
    assert_string_equal(what, "output_size");
    lines_of_host[2].keyword = NULL;
    assert_int_equal(ehlo_server_check(&config, &what), EHLO_OK);
}

/* ---- memory ---- */

static const uint32_t lines[] = {0, 512, 513, 2048, 65535};
static const uint32_t outputs[] = {0, 1024, 1025, 4096, 65535};
static const uint32_t decisions[] = {0, 1, 2, 3, 7, 64};
static const uint32_t domains[] = {0, 1, 1000};

static uint32_t or_default(uint32_t number, uint32_t standard)
{
    return number != 0 ? number : standard;
}

static void test_the_constant_is_never_less_than_the_size(void **state)
{
    const struct ehlo_server_config standard = {GOOD};

    (void)state;
    assert_true(ehlo_server_size(&standard) <= 4096);
    for (size_t i = 0; i < ROWS(lines) * ROWS(outputs) * ROWS(decisions) * ROWS(domains); i++) {
        const uint32_t line = lines[i % ROWS(lines)];
        const uint32_t output = outputs[i / ROWS(lines) % ROWS(outputs)];
        const uint32_t open = decisions[i / ROWS(lines) / ROWS(outputs) % ROWS(decisions)];
        const uint32_t names = domains[i / ROWS(lines) / ROWS(outputs) / ROWS(decisions)];
        const struct ehlo_server_config config = {GOOD, .line_size = line, .output_size = output,
                                                  .decisions = open,
                                                  .max_recipient_domains = names};
        const size_t constant = EHLO_SERVER_SIZE(or_default(line, EHLO_DEFAULT_LINE_SIZE),
                                                 or_default(output, EHLO_DEFAULT_OUTPUT_SIZE),
                                                 or_default(open, EHLO_DEFAULT_DECISIONS), names);

        assert_true(ehlo_server_size(&config) <= constant);
        assert_true(ehlo_server_size(&config) > line + output + 16 * open + 8 * names);
    }
}

/* Fills the line buffer, the slots and the output to their last octet, so that AddressSanitizer
 * sees any that is missing. */
static void use_all(struct recorder *r)
{
    const uint32_t line_size = or_default(r->config.line_size, EHLO_DEFAULT_LINE_SIZE);
    char *line = malloc(line_size);
    size_t length, used;

    assert_non_null(line);
    memset(line, ' ', line_size);
    memcpy(line, "NOOP", 4);
    memcpy(line + line_size - 2, "\r\n", 2);
    assert_int_equal(ehlo_server_start(r->s, NULL), EHLO_OK);
    drain(r, SIZE_MAX);
    feed(r, EHLO MAIL);
    assert_int_equal(feed_pieces(r, line, line_size, 7), line_size);
    for (uint32_t i = 1; i < r->config.max_recipient_domains; i++) { /* the last is of RCPT */
        char rcpt[] = "RCPT TO:<a@?.example>\r\n";

        *strchr(rcpt, '?') = (char)('a' + i);
        feed(r, rcpt);
    }
    r->verdicts[ON_RCPT] = ehlo_pending();
    while ((wants_of(r) & EHLO_WANT_READ) && r->pending < TOKENS_MAX)
        offer(r, RCPT, strlen(RCPT));
    assert_in_range(r->pending, 1, or_default(r->config.decisions, EHLO_DEFAULT_DECISIONS));
    memset(line, 'x', line_size);
    line[line_size - 1] = '\0';
    for (unsigned i = r->pending; i-- > 0;)
        ehlo_server_resume(r->s, r->tokens[i], ehlo_reply_custom(250, "2.1.5", line));
    for (used = 1; used > 0;)
        used = offer(r, "RSET\r\n", 6);
    ehlo_server_expire(r->s);
    ehlo_server_output(r->s, &length);
    assert_true(length <= or_default(r->config.output_size, EHLO_DEFAULT_OUTPUT_SIZE));
    drain(r, SIZE_MAX);
    free(codes_of(&r->wire));
    free(line);
}

static void use_block(const struct ehlo_server_config *sizes, size_t misaligned, size_t size)
{
    struct recorder r;

    prepare(&r);
    r.config.line_size = sizes->line_size;
    r.config.output_size = sizes->output_size;
    r.config.decisions = sizes->decisions;
    r.config.max_recipient_domains = sizes->max_recipient_domains;
    r.config.max_junk = UINT32_MAX;
    r.memory = malloc(misaligned + size); /* itself aligned for anything */
    assert_non_null(r.memory);
    memset(r.memory, 0xA5, misaligned + size);
    assert_null(ehlo_server_init((char *)r.memory + misaligned, ehlo_server_size(&r.config) - 1,
                                 &r.config, &r));
    r.s = ehlo_server_init((char *)r.memory + misaligned, size, &r.config, &r);
    assert_non_null(r.s);
    assert_int_equal(r.calls[ON_TRACE], 0); /* runs no hook */
    use_all(&r);
    for (size_t i = 0; i < misaligned; i++)
        assert_int_equal(((unsigned char *)r.memory)[i], 0xA5);
    forget(&r);
}

/* RENG-2: the session stays within the memory it asked for, wherever that begins. */
static void test_a_session_lives_in_any_block_of_its_size(void **state)
{
    static const struct ehlo_server_config sizes[] = {
        {GOOD},
        {GOOD, .line_size = 512, .output_size = 1024, .decisions = 1},
        {GOOD, .line_size = 513, .output_size = 1031, .decisions = 3, .max_recipient_domains = 1},
        {GOOD, .max_recipient_domains = 7},
        {GOOD, .line_size = 601, .output_size = 65535, .decisions = 64},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(sizes); i++)
        for (size_t misaligned = 0; misaligned < 16; misaligned++) {
            use_block(&sizes[i], misaligned, ehlo_server_size(&sizes[i]));
            use_block(&sizes[i], misaligned,
                      EHLO_SERVER_SIZE(or_default(sizes[i].line_size, EHLO_DEFAULT_LINE_SIZE),
                                       or_default(sizes[i].output_size, EHLO_DEFAULT_OUTPUT_SIZE),
                                       or_default(sizes[i].decisions, EHLO_DEFAULT_DECISIONS),
                                       sizes[i].max_recipient_domains));
        }
}

static void test_without_memory_or_with_a_bad_configuration_there_is_no_session(void **state)
{
    static const struct ehlo_server_config good = {GOOD}, bad = {GOOD, .codes = 7};
    static char memory[8192];

    (void)state;
    assert_null(ehlo_server_init(NULL, sizeof memory, &good, NULL));
    assert_null(ehlo_server_init(memory, 0, &good, NULL));
    assert_null(ehlo_server_init(memory, sizeof memory, &bad, NULL));
    assert_non_null(ehlo_server_init(memory, sizeof memory, &good, NULL));
}

/* ---- another configuration ---- */

static void test_another_configuration_has_the_same_memory(void **state)
{
    const struct {
        const char *name;
        int want;
        struct ehlo_server_config config;
    } others[] = {
        {"the same", EHLO_OK, {GOOD}},
        {"the defaults by number",
         EHLO_OK,
         {GOOD, .line_size = 2048, .output_size = 1024, .decisions = 8}},
        {"limits", EHLO_OK, {GOOD, .max_errors = 3, .max_message_size = 65536}},
        {"bad", EHLO_ERROR_ARGUMENT, {GOOD, .codes = 9}},
        {"line", EHLO_ERROR_ARGUMENT, {GOOD, .line_size = 2049}},
        {"output", EHLO_ERROR_ARGUMENT, {GOOD, .output_size = 1025}},
        {"decisions", EHLO_ERROR_ARGUMENT, {GOOD, .decisions = 9}},
        {"domains", EHLO_ERROR_ARGUMENT, {GOOD, .max_recipient_domains = 1}},
        {"domains for decisions",
         EHLO_ERROR_ARGUMENT,
         {GOOD, .decisions = 6, .max_recipient_domains = 4}},
        {"mode", EHLO_ERROR_ARGUMENT, {GOOD, SUBMISSION}},
        {"line for output", EHLO_ERROR_ARGUMENT, {GOOD, .line_size = 2047, .output_size = 1025}},
        {"line for decisions", EHLO_ERROR_ARGUMENT, {GOOD, .line_size = 2048 + 12, .decisions = 7}},
        {"line for decisions", EHLO_ERROR_ARGUMENT, {GOOD, .line_size = 2048 + 16, .decisions = 7}},
    };
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, "");
    assert_int_equal(ehlo_server_use(r.s, NULL), EHLO_ERROR_ARGUMENT);
    for (size_t i = 0; i < ROWS(others); i++)
        assert_of(others[i].name, ehlo_server_use(r.s, &others[i].config) == others[i].want);
    assert_int_equal(ehlo_server_use(r.s, &r.config), EHLO_OK);
    assert_codes(&r, "QUIT\r\n", "221");
    assert_int_equal(ehlo_server_use(r.s, &r.config), EHLO_OK);
    forget(&r);
}

/* RSEC-SMUG-7: policies may be relaxed for a peer. */
static void test_another_configuration_holds_at_once(void **state)
{
    struct ehlo_server_config other;
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO MAIL RCPT);
    other = r.config;
    other.few_recipients = true;
    other.max_recipients = 2;
    other.codes = EHLO_CODES_REGISTRY;
    other.lenient = EHLO_ODDITY_LF_COMMANDS;
    other.bare_lf = EHLO_BARE_LF_ACCEPT;
    other.max_message_size = 65536;
    other.on_command = NULL;
    assert_int_equal(ehlo_server_use(r.s, &other), EHLO_OK);
    assert_codes(&r, RCPT RCPT, "250 452");
    assert_says(&r, "FOO\n", "500 5.5.2 Command unrecognized\r\n");
    assert_codes(&r, DATA "a\nb\r\n.\r\n", "354 250");
    assert_codes(&r, "MAIL FROM:<a@b.example> SIZE=65537\r\n", "552");
    forget(&r);
}

static void use_registry(struct recorder *r, enum hook hook)
{
    static struct ehlo_server_config other;

    if (hook != ON_MAIL)
        return;
    other = r->config;
    other.codes = EHLO_CODES_REGISTRY;
    assert_int_equal(ehlo_server_use(r->s, &other), EHLO_OK);
}

/* Also for the reply in hand. */
static void test_a_hook_may_change_the_configuration(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO);
    r.inside = use_registry;
    r.verdicts[ON_MAIL] = ehlo_reply(EHLO_REPLY_SENDER_DENIED); /* 501, here 550 */
    assert_codes(&r, MAIL, "550");
    r.verdicts[ON_COMMAND] = ehlo_reply(EHLO_REPLY_COMMAND_UNRECOGNIZED);
    assert_says(&r, "FOO\r\n", "500 5.5.2 Command unrecognized\r\n");
    forget(&r);
}

static void use_in_content(struct recorder *r, struct ehlo_server_config *other)
{
    *other = r->config;
    other->bare_lf = EHLO_BARE_LF_ACCEPT;
    other->max_hops = 1;
    other->max_content_line = 1000;
    other->eight_bit = EHLO_8BIT_REFUSE;
    other->max_message_size = 65536;
    assert_int_equal(ehlo_server_use(r->s, other), EHLO_OK);
}

static void test_a_content_that_has_begun_keeps_its_configuration(void **state)
{
    static const char *const odd[] = {"Received: b\r\nReceived: c\r\n\r\n", "\xff"};
    struct ehlo_server_config other;
    struct recorder r;
    char line[2048];

    (void)state;
    prepare(&r);
    memset(line, 'x', sizeof line);
    greet_and(&r, EHLO MAIL RCPT DATA);
    use_in_content(&r, &other);
    for (size_t i = 0; i < ROWS(odd); i++)
        feed(&r, odd[i]);
    for (unsigned i = 0; i < 40; i++)
        offer(&r, line, sizeof line);
    assert_codes(&r, "\r\n.\r\n", "250");
    assert_codes(&r, MAIL RCPT DATA "a\nb\r\n.\r\n", "250 250 354 250"); /* but the next one ... */
    assert_codes(&r, MAIL RCPT DATA "\xff\r\n.\r\n", "250 250 354 554");
    forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bad_member_is_named),
        cmocka_unit_test(test_a_configuration_has_a_name_that_may_greet),
        cmocka_unit_test(test_a_configuration_of_another_size_is_a_fault),
        cmocka_unit_test(test_no_configuration_is_a_fault),
        cmocka_unit_test(test_the_output_holds_the_reply_to_ehlo),
        cmocka_unit_test(test_the_constant_is_never_less_than_the_size),
        cmocka_unit_test(test_a_session_lives_in_any_block_of_its_size),
        cmocka_unit_test(test_without_memory_or_with_a_bad_configuration_there_is_no_session),
        cmocka_unit_test(test_another_configuration_has_the_same_memory),
        cmocka_unit_test(test_another_configuration_holds_at_once),
        cmocka_unit_test(test_a_hook_may_change_the_configuration),
        cmocka_unit_test(test_a_content_that_has_begun_keeps_its_configuration),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
