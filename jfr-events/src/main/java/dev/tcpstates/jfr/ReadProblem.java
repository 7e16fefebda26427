// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.nio.file.Path;

/**
 * A part of a file that could not be read.
 *
 * @param file the file
 * @param offset where the part starts, in bytes
 * @param recovered whether it was partially read
 * @param reason what is wrong with it, as a sentence without a full stop that names the file
 */
public record ReadProblem(Path file, long offset, boolean recovered, String reason) {}
