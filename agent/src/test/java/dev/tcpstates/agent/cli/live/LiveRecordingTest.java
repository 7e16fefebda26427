// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import java.nio.file.Path;
import java.time.Instant;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recording that has become too large lacks its start. */
class LiveRecordingTest {
  @TempDir private Path directory;

  @Test
  void aRecordingWithoutItsStartIsAnError() throws Exception {
    Path file = directory.resolve("recording.jfr");
    Instant before = Instant.now().minusMillis(1);
    Instant after;
    try (Recording recording = new Recording()) {
      recording.start();
      after = Instant.now();
      recording.stop();
      recording.dump(file);
    }
    LiveRecording.requireStart(file, after);
    CommandException late =
        assertThrows(CommandException.class, () -> LiveRecording.requireStart(file, before));
    assertEquals(Exit.INPUT, late.exit());
    assertTrue(late.getMessage().contains("deleted the start"), late::getMessage);
  }
}
