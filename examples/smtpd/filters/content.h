/*
 * A message that is to be judged: the content as the client sent it, in a file.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_CONTENT_H
#define SMTPD_CONTENT_H

#include "ehlo/types.h"
#include "text.h"
#include <sys/types.h>

struct content {
    int fd; /* read with pread(): its offset is nobody's */
    off_t begin, end;
};

/*
 * The header section: reads it as a whole into `header` (freed by the caller) and sets `body` to
 * where the body begins, behind the empty line. A section without a single field is none: `header`
 * is empty then, and all is body. False: errno tells.
 */
bool content_header(const struct content *, struct text *header, off_t *body);

/*
 * The next field of a header section. `at`: 0 to begin, moved on. `name` is without the colon,
 * `value` all behind it, line ends inside kept, without that at its end. Lines that are no field
 * are skipped. False: there is no more.
 */
bool content_next_field(const struct text *header, size_t *at, struct ehlo_slice *name,
                        struct ehlo_slice *value);

/*
 * Writes a piece to a descriptor that does not block and moves `begin` behind what was taken. There
 * is something left. False: errno tells, EAGAIN is one.
 */
bool content_send(struct content *, int fd);

#endif
