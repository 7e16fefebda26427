// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import dev.tcpstates.jfr.JvmInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The JVM that wrote a file.
 *
 * @param jvm null if the recording lacks it
 * @param clockStartNanos when the clock of the JVM's ticks was at zero, in nanoseconds since 1970:
 *     about when its machine was started
 * @param chunkStartNanos the start of the chunk that says so, in nanoseconds since 1970
 */
record JvmOfFile(JvmInfo jvm, double clockStartNanos, long chunkStartNanos) {
  /** By how much two chunks of one JVM may differ, because somebody sets the clock of the time. */
  private static final double CLOCKS_DIFFER_NANOS = 1e9;

  /** By how much the clock of the ticks may be faster or slower than that of the time. */
  private static final double CLOCKS_DRIFT = 1e-3;

  private static final String JVM_INFORMATION = "jdk.JVMInformation";

  /** Returns the JVM of a file's first readable chunk; null if no chunk is readable. */
  static JvmOfFile read(Path path) {
    List<Chunk> chunks = new ArrayList<>();
    try {
      Chunk.addAll(path, chunks, problem -> {});
    } catch (IOException e) {
      return null; // whoever reads the file as a whole gets the same, and reports it
    }
    return chunks.stream().map(JvmOfFile::read).filter(Objects::nonNull).findFirst().orElse(null);
  }

  private static JvmOfFile read(Chunk chunk) {
    try (ChunkFile file = ChunkFile.open(chunk)) {
      if (file == null) {
        return null;
      }
      JvmInfo[] jvm = {null};
      // The JVM writes this event when it starts a chunk, so it is among the first.
      RecordingEvents.forEach(
          file.path(),
          file::opened,
          event -> {
            if (event.getEventType().getName().equals(JVM_INFORMATION)) {
              jvm[0] =
                  (JvmInfo)
                      EventType.named(JVM_INFORMATION).read(new RecordedFields().of(event)).value();
            }
            return jvm[0] == null;
          });
      return new JvmOfFile(
          jvm[0],
          chunk.startNanos() - 1e9 * chunk.startTicks() / Math.max(1, chunk.ticksPerSecond()),
          chunk.startNanos());
    } catch (IOException | RuntimeException | VirtualMachineError e) {
      return null; // as for the file
    }
  }

  /** Whether both are readable and the same. */
  static boolean isSame(JvmOfFile one, JvmOfFile other) {
    if (one == null || other == null || !Objects.equals(one.jvm, other.jvm)) {
      return false;
    }
    double apart = Math.abs(one.chunkStartNanos - other.chunkStartNanos);
    return Math.abs(one.clockStartNanos - other.clockStartNanos)
        < CLOCKS_DIFFER_NANOS + CLOCKS_DRIFT * apart;
  }
}
