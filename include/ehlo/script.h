/** @file
 * The test kit: plays a transcript, a text of what the client sends and the server is to say,
 * against a server session in memory, and reports the first line that does not hold. It is how
 * libehlo tests itself, and how a host tests its own hooks. It needs no sockets, files or clock;
 * everything lies in a workspace of the caller.
 *
 *     V: on_rcpt USER_UNKNOWN about <x@b.example>    # the next verdict of a hook
 *     S: 220 mx.example *                            # what the server says, * is anything
 *     C: HELO c.example                              # what the client sends
 *
 * The format of transcripts is told in tests/scripts/README.md, which is installed as
 * transcripts.md.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_SCRIPT_H
#define EHLO_SCRIPT_H

#include "ehlo/server.h"
#include "ehlo/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How the octets of a group of C lines are cut into calls of ehlo_server_receive(). */
enum ehlo_script_cut {
    EHLO_SCRIPT_CUT_WRITTEN = 0, /**< a group is one piece, but for its `! cut` lines */
    EHLO_SCRIPT_CUT_OCTETS = 1,  /**< each octet by itself */
    EHLO_SCRIPT_CUT_RANDOM = 2   /**< anywhere; the same `seed` cuts the same way */
};

/** What a transcript is played against, and how. */
struct ehlo_script_options {
    size_t size; /**< sizeof(struct ehlo_script_options) */
    /** The configuration under test; required. It is copied. Its hooks are called with `user`,
     * unless a V line answers in their place. */
    const struct ehlo_server_config *config;
    void *user;                   /**< handed to the hooks of `config`, to `feed` and to `idle` */
    const struct ehlo_peer *peer; /**< the peer, where the transcript names none; may be NULL */
    uint32_t cut;                 /**< enum ehlo_script_cut */
    uint32_t seed;                /**< of EHLO_SCRIPT_CUT_RANDOM */
    uint64_t stop; /**< the event to stop at, counted from 1; 0: none. See the result */
    /** Called in place of ehlo_server_receive(), which it has to call; for instance to hand in a
     * copy that is freed at once. NULL: it is called directly. */
    size_t (*feed)(struct ehlo_server *, const void *data, size_t length, void *user);
    /** Called when the session waits for decisions that hooks of `config` left pending, to call
     * ehlo_server_resume(). Returns whether it did. NULL: they stay open. */
    bool (*idle)(struct ehlo_server *, void *user);
};

/** Initialiser of the size member. */
#define EHLO_SCRIPT_OPTIONS_DEFAULTS .size = sizeof(struct ehlo_script_options)

/** How a run ended. */
enum ehlo_script_status {
    EHLO_SCRIPT_OK = 0,       /**< every line held */
    EHLO_SCRIPT_MISMATCH = 1, /**< the session did not do what the line says */
    EHLO_SCRIPT_BROKEN = 2, /**< the session broke a promise of ehlo/server.h, whatever the line */
    EHLO_SCRIPT_BAD = 3,    /**< the line, the options or the configuration are malformed */
    EHLO_SCRIPT_NO_SPACE = 4, /**< the workspace is too small */
    EHLO_SCRIPT_STOPPED = 5   /**< the event of `stop` has come */
};

/**
 * What a run found.
 *
 * Events are hook calls with their arguments, content (joined: slices do not count), lines of
 * replies, and what the session waits for when it has done all it can. Two runs that differ only in
 * their cuts have the same hash, but for what is about time: EHLO_TRACE_EARLY_TALKER and
 * EHLO_TRACE_PIPELINING are no events, and what they lead to depends on the cuts. To find where two
 * runs part, play both with `stop` at the same number and compare the hashes.
 */
struct ehlo_script_result {
    size_t size;                /**< set it to sizeof(struct ehlo_script_result) before the call */
    uint32_t status;            /**< enum ehlo_script_status */
    uint32_t line;              /**< of the transcript, from 1; 0: none */
    struct ehlo_slice expected; /**< what was to be: of the transcript, or static text */
    struct ehlo_slice got;      /**< what was found, printable ASCII; in the workspace */
    uint64_t events;            /**< how many there were */
    uint64_t hash;              /**< over all of them */
};

/** Initialiser of the size member. */
#define EHLO_SCRIPT_RESULT_DEFAULTS .size = sizeof(struct ehlo_script_result)

/**
 * Octets of a workspace that does for transcripts of ordinary size. What the player (12 KiB) and
 * the session leave of a workspace is shared out evenly to: the octets of a group of C lines;
 * replies, events and content that are not compared yet; the text of verdicts.
 */
#define EHLO_SCRIPT_SIZE 262144

/**
 * Plays a transcript.
 *
 * @param transcript  the text; lines end with LF or CR LF
 * @param options     not NULL
 * @param workspace   any alignment; nothing of it is kept but what the result points to
 * @param size        of `workspace`
 * @param result      `size` set; filled up to it
 * @return            the status of the result
 */
EHLO_API enum ehlo_script_status ehlo_script_run(struct ehlo_slice transcript,
                                                 const struct ehlo_script_options *options,
                                                 void *workspace, size_t size,
                                                 struct ehlo_script_result *result);

/**
 * Writes a result as one line of text without its end: `name:7: expected "250 *", got "550 No"`.
 *
 * @param buffer  gets the text and a NUL, cut where it does not fit; may be NULL if `size` is 0
 * @param size    of `buffer`
 * @param name    of the transcript
 * @param result  of ehlo_script_run()
 * @return        octets of the whole text without the NUL
 */
EHLO_API size_t ehlo_script_format(char *buffer, size_t size, const char *name,
                                   const struct ehlo_script_result *result);

#ifdef __cplusplus
}
#endif

#endif
