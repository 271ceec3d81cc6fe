/*
 * Prints how much memory a session takes, and proves that EHLO_SERVER_SIZE() is enough for any
 * configuration and EHLO's default session fits into 4096 octets.
 *
 * SPDX-License-Identifier: MIT
 */
#include <ehlo/ehlo.h>

#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const uint32_t lines[] = {512, EHLO_DEFAULT_LINE_SIZE, 2049, 12288, 65535};
static const uint32_t outputs[] = {1024, 1025, 65535};
static const uint32_t decisions[] = {1, 7, EHLO_DEFAULT_DECISIONS, 64};

/* The size of a session; 0 if the constant promises too little for it. */
static size_t session_size(uint32_t line, uint32_t output, uint32_t open)
{
    struct ehlo_server_config config = {EHLO_SERVER_CONFIG_DEFAULTS, .hostname = "mx.example.org"};
    size_t size;

    config.line_size = line;
    config.output_size = output;
    config.decisions = open;
    size = ehlo_server_size(&config);
    return size <= EHLO_SERVER_SIZE(line, output, open, 0) ? size : 0;
}

static bool constant_suffices(uint32_t line, uint32_t output)
{
    for (size_t k = 0; k < COUNT(decisions); k++) {
        if (session_size(line, output, decisions[k]) > 0)
            continue;
        printf("EHLO_SERVER_SIZE(%u, %u, %u, 0) is too small\n", (unsigned)line, (unsigned)output,
               (unsigned)decisions[k]);
        return false;
    }
    return true;
}

int main(void)
{
    struct ehlo_server_config config = {EHLO_SERVER_CONFIG_DEFAULTS, .hostname = "mx.example.org"};
    size_t size = ehlo_server_size(&config);

    printf("%-44s %6zu octets (at most 4096)\n", "session, default configuration", size);
    if (size == 0 || size > 4096)
        return 1;
    for (size_t i = 0; i < COUNT(lines); i++)
        for (size_t j = 0; j < COUNT(outputs); j++)
            if (!constant_suffices(lines[i], outputs[j]))
                return 1;
    return 0;
}
