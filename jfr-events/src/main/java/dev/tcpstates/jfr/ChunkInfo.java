// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.nio.file.Path;
import java.time.Instant;

/**
 * A chunk of a recording. A recording is a sequence of chunks, each of which can be read alone.
 *
 * @param file the recording's file
 * @param offset where in the file the chunk starts, in bytes
 * @param size length in bytes; of a truncated chunk, the bytes that are there
 * @param startTime when the chunk was started
 * @param endTime when the chunk was finished; if it was not, its start
 */
public record ChunkInfo(Path file, long offset, long size, Instant startTime, Instant endTime) {}
