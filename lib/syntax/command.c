/*
 * Cutting a command line into verb and argument (RFC 5321 4.1.1).
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/rules.h"

enum ehlo_syntax ehlo_parse_command(struct ehlo_slice line, uint32_t tolerated,
                                    struct ehlo_command *command)
{
    struct ehlo__cursor in = ehlo__cursor(line);

    *command = (struct ehlo_command){0};
    ehlo__skip_word(&in);
    command->verb = ehlo__taken(ehlo__cursor(line), &in);
    command->oddities = ehlo__take_gap(&in);
    while (in.left > 0 && ehlo__is(in.at[in.left - 1], EHLO__BLANK)) {
        command->oddities |= EHLO_ODDITY_TRAILING_BLANKS;
        in.left--;
    }
    command->argument = ehlo__rest(&in);
    return ehlo__judge(command->oddities, tolerated);
}
