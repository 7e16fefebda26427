// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.nio.file.Path;
import java.time.Instant;

/**
 * A part of a recording. Java writes a recording chunk by chunk, each with all that is needed to
 * read it.
 *
 * @param file the recording's file
 * @param offset where in the file it begins, in bytes
 * @param size how long it is, in bytes; of one that is cut short, how much of it is there
 * @param startTime when it was begun
 * @param endTime when it was finished; if it was not, its start
 */
public record ChunkInfo(Path file, long offset, long size, Instant startTime, Instant endTime) {}
