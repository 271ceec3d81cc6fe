/*
 * Domain = sub-domain *("." sub-domain) (RFC 5321 4.1.2), with U-labels (RFC 6531 3.3) and the
 * spellings that are tolerated. Whether a U-label obeys IDNA is left to whoever looks it up.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/rules.h"

/* RFC 1035 2.3.4. Holds for ASCII: a U-label may have more octets than the A-label it stands for */
#define DOMAIN_LABEL_MAX 63

/* sub-domain = Let-dig [Ldh-str] / U-label, and underscores */
static bool take_sub_domain(struct ehlo__cursor *in, uint32_t *seen)
{
    struct ehlo__cursor start = *in;
    struct ehlo_slice label;
    uint32_t met = 0;

    for (;;) {
        if (ehlo__take_class(in, EHLO__LDH))
            continue;
        if (ehlo__take(in, '_'))
            met |= EHLO_ODDITY_UNDERSCORE;
        else if (ehlo__take_utf8(in))
            met |= EHLO_SYNTAX_UTF8;
        else
            break;
    }
    label = ehlo__taken(start, in);
    if (label.length == 0)
        return false;
    if (label.data[0] == '-' || label.data[label.length - 1] == '-')
        met |= EHLO__SEEN_EDGE_HYPHEN;
    if (label.length > DOMAIN_LABEL_MAX && (met & EHLO_SYNTAX_UTF8) == 0)
        met |= EHLO__SEEN_LONG_LABEL;
    *seen |= met;
    return true;
}

bool ehlo__take_domain(struct ehlo__cursor *in, uint32_t *seen)
{
    struct ehlo__cursor start = *in;
    size_t labels = 0;

    do {
        if (!take_sub_domain(in, seen)) {
            if (labels == 0)
                return false;
            *seen |= EHLO_ODDITY_TRAILING_DOT;
            break;
        }
        labels++;
    } while (ehlo__take(in, '.'));
    if (labels == 1)
        *seen |= EHLO__SEEN_ONE_LABEL;
    if (ehlo__taken(start, in).length > EHLO_DOMAIN_MAX)
        *seen |= EHLO__SEEN_TOO_LONG;
    return true;
}

bool ehlo__read_domain(struct ehlo_slice text, uint32_t *seen)
{
    struct ehlo__cursor in = ehlo__cursor(text);

    return ehlo__take_domain(&in, seen) && in.left == 0;
}

enum ehlo_syntax ehlo_parse_domain(struct ehlo_slice text, uint32_t tolerated,
                                   struct ehlo_host *host)
{
    enum ehlo_syntax verdict;
    uint32_t seen = 0;

    if (!ehlo__read_domain(text, &seen))
        return EHLO_SYNTAX_MALFORMED;
    verdict = ehlo__judge(seen, tolerated);
    if (verdict == EHLO_SYNTAX_OK)
        *host = (struct ehlo_host){
            .text = text, .kind = EHLO_HOST_DOMAIN, .oddities = seen & EHLO_ODDITIES_ALL};
    return verdict;
}
