/*
 * What codes say by themselves: the digits of the basic code (RFC 5321 4.2.1), class, subject and
 * detail of the enhanced code (RFC 3463 2 and 3, and IANA's registry of RFC 5248).
 *
 * SPDX-License-Identifier: MIT
 */
#include "replies.h"

#include <stdio.h>

static const char *const outcomes[] = {
    [2] = "done as asked",
    [3] = "good so far, more is awaited",
    [4] = "refused for now, worth another try later",
    [5] = "refused for good, sending the same again is of no use",
};

static const char *const topics[] = {
    "syntax, or a command that is not served",
    "information",
    "the connection",
    "nothing assigned, in practice logins",
    "nothing assigned",
    "the mail system",
    "outside of the standard",
    "outside of the standard",
    "outside of the standard",
    "outside of the standard",
};

static const char *const classes[] = {
    [2] = "success",
    [4] = "a failure that may pass",
    [5] = "a failure for good",
};

static const char *const subjects[] = {
    "nothing in particular",  "an address",   "the mailbox", "the mail system",
    "the network or routing", "the protocol", "the content", "security or policy",
};
#define SUBJECTS (sizeof subjects / sizeof *subjects)

static const struct detail {
    uint8_t subject, detail;
    const char *text;
} details[] = {
    {0, 0, "no more is told"},
    {1, 0, "something is wrong with the address"},
    {1, 1, "there is no such mailbox"},
    {1, 2, "the recipient's domain does not exist or takes no mail"},
    {1, 3, "the recipient's address is malformed"},
    {1, 4, "the address fits more than one mailbox"},
    {1, 5, "the recipient's address is good"},
    {1, 6, "the mailbox has moved and left no new address"},
    {1, 7, "the sender's address is malformed"},
    {1, 8, "the sender's domain does not exist or takes no mail"},
    {1, 9, "handed to a system of another kind, which reports no more"},
    {1, 10, "the recipient's domain declares that it takes no mail (null MX)"},
    {2, 0, "something is wrong with the mailbox"},
    {2, 1, "the mailbox is switched off"},
    {2, 2, "the mailbox is full"},
    {2, 3, "the message is larger than this mailbox may take"},
    {2, 4, "the mailing list cannot be expanded"},
    {3, 0, "something is wrong with the receiving system"},
    {3, 1, "its storage is used up"},
    {3, 2, "it takes no mail from the network"},
    {3, 3, "it lacks a feature that the message needs"},
    {3, 4, "the message is larger than it takes"},
    {3, 5, "it is configured wrongly"},
    {3, 6, "another priority was given to the message"},
    {4, 0, "something is wrong with the network"},
    {4, 1, "the next host does not answer"},
    {4, 2, "the connection broke or was too slow"},
    {4, 3, "a directory such as DNS could not be asked"},
    {4, 4, "no route to the recipient is known"},
    {4, 5, "there is too much traffic"},
    {4, 6, "the message runs in a loop"},
    {4, 7, "the message got too old"},
    {5, 0, "something is wrong with the dialogue"},
    {5, 1, "the command is not known or came out of turn"},
    {5, 2, "the command cannot be read"},
    {5, 3, "too many recipients at once"},
    {5, 4, "an argument of the command is wrong or not supported"},
    {5, 5, "the two sides speak different versions"},
    {5, 6, "a response of the login is too long"},
    {6, 0, "something is wrong with the content"},
    {6, 1, "this kind of content is not taken"},
    {6, 2, "it would have to be converted, which is forbidden"},
    {6, 3, "it would have to be converted, which cannot be done here"},
    {6, 4, "it was converted and lost something"},
    {6, 5, "its conversion failed"},
    {6, 6, "it could not be fetched"},
    {6, 7, "a non-ASCII address is not allowed here"},
    {6, 8, "the reply would need UTF-8, which the client did not allow"},
    {6, 9, "a recipient cannot take a header in UTF-8"},
    {6, 10, "the same as X.6.8, no longer to be used"},
    {7, 0, "something of security or policy"},
    {7, 1, "this sender may not send this to there"},
    {7, 2, "this sender may not use the mailing list"},
    {7, 3, "its protection cannot be carried over to the next protocol"},
    {7, 4, "a security feature is not supported"},
    {7, 5, "encryption or a signature failed"},
    {7, 6, "the algorithm is not supported"},
    {7, 7, "the message was changed or damaged on its way"},
    {7, 8, "the login's name or password is wrong"},
    {7, 9, "the login mechanism is too weak"},
    {7, 10, "encryption is needed"},
    {7, 11, "this login mechanism needs encryption"},
    {7, 12, "the account has to move to another login mechanism"},
    {7, 13, "the account is disabled"},
    {7, 14, "the server is not trusted to fetch the content"},
    {7, 15, "the priority is too low"},
    {7, 16, "the message is too big for its priority"},
    {7, 17, "the mailbox has a new owner"},
    {7, 18, "the domain has a new owner"},
    {7, 19, "the age of the mailbox cannot be tested"},
    {7, 20, "no DKIM signature passed"},
    {7, 21, "no DKIM signature is acceptable"},
    {7, 22, "no DKIM signature belongs to the author"},
    {7, 23, "SPF forbids this host to send for the domain"},
    {7, 24, "SPF could not be evaluated"},
    {7, 25, "the reverse DNS of the client is missing or wrong"},
    {7, 26, "several checks of the sender failed"},
    {7, 27, "the sender's domain declares that it takes no mail (null MX)"},
    {7, 28, "it looks like a flood of mail"},
    {7, 29, "the ARC chain is not valid"},
    {7, 30, "the next host does not offer what REQUIRETLS demands"},
};

static const char *find_detail(const struct ehlo_enhanced *enhanced)
{
    for (size_t i = 0; i < sizeof details / sizeof *details; i++) {
        if (details[i].subject == enhanced->subject && details[i].detail == enhanced->detail)
            return details[i].text;
    }
    return NULL;
}

bool is_registered(const struct ehlo_enhanced *enhanced)
{
    return find_detail(enhanced) != NULL;
}

void describe_codes(const struct found *found, char *text, size_t size)
{
    const struct ehlo_enhanced *enhanced = &found->enhanced;
    const char *detail = find_detail(enhanced);
    int used = 0;

    if (found->code != 0)
        used =
            snprintf(text, size, "%u: %s (%u); about: %s (second digit %u).%s", found->code,
                     outcomes[found->code / 100], found->code / 100, topics[found->code / 10 % 10],
                     found->code / 10 % 10, enhanced->klass != 0 ? " " : "");
    if (enhanced->klass == 0 || used < 0 || (size_t)used >= size)
        return;
    text += used;
    size -= (size_t)used;
    used = snprintf(text, size, "%u.%u.%u: %s (%u); about: %s (%u); %s.", enhanced->klass,
                    enhanced->subject, enhanced->detail, classes[enhanced->klass], enhanced->klass,
                    enhanced->subject < SUBJECTS ? subjects[enhanced->subject]
                                                 : "a subject not registered",
                    enhanced->subject, detail != NULL ? detail : "the detail is the server's own");
    if (found->code / 100 == enhanced->klass || found->code == 0 || used < 0 ||
        (size_t)used >= size)
        return;
    snprintf(text + used, size - (size_t)used, " The two contradict each other: the first counts.");
}
