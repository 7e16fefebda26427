// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.enrich;

import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.read.TcpRecordings;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Copies recordings, and gives each socket event the stack and the thread that opened the socket.
 * So any program that shows stacks of events, such as JDK Mission Control, shows these.
 *
 * <p>The copy is built chunk by chunk, so it needs memory for one chunk.
 */
public final class Enricher {
  private final boolean ownOnly;
  private final EventTypes types = new EventTypes();
  private int chunks;
  private long events;
  private long enriched;

  /**
   * @param ownOnly whether to copy the agent's events only
   */
  public Enricher(boolean ownOnly) {
    this.ownOnly = ownOnly;
  }

  /**
   * Copies recordings into one.
   *
   * @param out not closed
   * @return what could not be read
   * @throws IOException if nothing could be read
   * @throws UncheckedIOException if the copy can't be written, or the recordings don't fit into one
   */
  public List<ReadProblem> copy(TcpRecordings recordings, OutputStream out) throws IOException {
    return recordings.readChunks(
        (chunk, file) -> {
          ChunkCopy copy = new ChunkCopy(ownOnly, types, chunks++);
          try {
            copy.copy(chunk, file, out);
          } finally {
            events += copy.events();
            enriched += copy.enriched();
          }
        });
  }

  /** Returns the number of events copied so far. */
  public long events() {
    return events;
  }

  /** Returns how many of them got a stack. */
  public long enriched() {
    return enriched;
  }
}
