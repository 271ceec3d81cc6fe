/*
 * A program that uses all of a server session and nothing else, to be measured: what the linker
 * leaves of the library is what a small device pays.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/server.h"

static struct ehlo_reply take(void)
{
    return ehlo_reply_custom(250, "2.0.0", "Taken");
}

static struct ehlo_reply on_rcpt(struct ehlo_server *s, const struct ehlo_rcpt *rcpt, void *user)
{
    (void)s, (void)user;
    return rcpt->number > 0 ? ehlo_reply_about(EHLO_REPLY_USER_UNKNOWN, rcpt->path.whole)
                            : ehlo_pending();
}

static struct ehlo_reply on_message(struct ehlo_server *s, const struct ehlo_message *message,
                                    void *user)
{
    (void)s, (void)user;
    return message->octets > 0 ? take() : ehlo_accept();
}

static struct ehlo_reply on_auth(struct ehlo_server *s, const struct ehlo_auth *auth, void *user)
{
    (void)user;
    return ehlo_server_identity(s, auth->authentication) == EHLO_OK ? ehlo_accept()
                                                                    : ehlo_challenge("", 0);
}

static struct ehlo_reply on_starttls(struct ehlo_server *s, void *user)
{
    (void)s, (void)user;
    return ehlo_accept();
}

int main(int argc, char **argv)
{
    static char memory[EHLO_SERVER_SIZE(2048, 1024, 8, 0)];
    static const struct ehlo_tls tls = {EHLO_TLS_DEFAULTS};
    static const struct ehlo_server_config config = {
        EHLO_SERVER_CONFIG_DEFAULTS, .hostname = "mx.example", .on_starttls = on_starttls,
        .on_auth = on_auth,          .on_rcpt = on_rcpt,       .on_message = on_message};
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};
    struct ehlo_server *s = ehlo_server_init(memory, sizeof memory, &config, argv);
    size_t length;
    int result;

    if (s == NULL)
        return 2;
    result = ehlo_server_start(s, NULL) + ehlo_server_tls_started(s, &tls);
    ehlo_server_receive(s, argv[argc - 1], 1);
    ehlo_server_output(s, &length);
    result += ehlo_server_sent(s, length) + ehlo_server_info(s, &info);
    result += ehlo_server_resume(s, ehlo_server_token(s), take()) + ehlo_server_use(s, &config);
    result += (int)ehlo_server_wants(s) + (int)ehlo_server_timeout(s, NULL);
    result += ehlo_server_shutdown(s) + ehlo_server_expire(s) + ehlo_server_eof(s);
    return result + ehlo_server_disconnected(s);
}
