// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.jfr.ChunkInfo;
import dev.tcpstates.jfr.SocketStateInfo;
import dev.tcpstates.jfr.StuckCause;
import dev.tcpstates.jfr.TcpState;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What an open socket is said to be stuck for. */
class OpenSocketModelTest {
  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

  /** The cause after two minutes, of which the last event is at the given second. */
  private static StuckCause cause(int second, Duration lastReceived) {
    OpenSocketModel model = new OpenSocketModel(new WaitModel());
    model.chunk(new ChunkInfo(Path.of("a.jfr"), 0, 1, START, START.plusSeconds(120)));
    model.socketState(
        new SocketStateInfo(
            7,
            START.plusSeconds(second),
            "192.0.2.1",
            50_000,
            "192.0.2.2",
            443,
            TcpState.ESTABLISHED,
            Duration.ofSeconds(50),
            0,
            500,
            null,
            lastReceived,
            "app.Main.run:1",
            "main",
            1,
            1,
            0));
    model.end();
    assertEquals(1, model.open().size());
    return model.open().get(0).cause();
  }

  @Test
  void bytesThatNobodyReadForLong() {
    assertEquals(StuckCause.UNREAD, cause(119, Duration.ofSeconds(40)));
  }

  /** They came just before the event. Whether they were read after it, is unknown. */
  @Test
  void theRecordingsEndSaysNothingOfOldQueues() {
    assertEquals(null, cause(60, Duration.ofSeconds(1)));
  }
}
