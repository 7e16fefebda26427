// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What a command says about what its output lacks. */
class NoticesTest {
  private static String printed(boolean complete) {
    PrintStream before = System.err;
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    System.setErr(new PrintStream(text, true, StandardCharsets.UTF_8));
    try {
      new Notices().print(complete);
    } finally {
      System.setErr(before);
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aRecordingWithoutEventsMayBeOfAJvmWithoutTheAgent() {
    assertTrue(printed(true).contains("the JVM ran without it, or Flight Recorder"));
  }

  /** The agent's events may be in the part that could not be read. */
  @Test
  void ofARecordingThatIsPartiallyReadNothingIsClaimed() {
    assertEquals("no event of the agent could be read\n", printed(false));
  }
}
