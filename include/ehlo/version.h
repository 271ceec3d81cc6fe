/** @file
 * The version of libehlo. CMake reads it from here; it stands nowhere else.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_VERSION_H
#define EHLO_VERSION_H

#define EHLO_VERSION_MAJOR 0
#define EHLO_VERSION_MINOR 1
#define EHLO_VERSION_PATCH 0

/** "major.minor.patch" */
#define EHLO_VERSION "0.1.0"

#endif
