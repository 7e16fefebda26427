// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class FrameTest {
  @Test
  void frames() {
    assertEquals(
        new Frame("java.net.Socket", "<init>", 454, false), Frame.of("java.net.Socket.<init>:454"));
    assertEquals(new Frame("A", "b", 0, false), Frame.of("A.b"));
    assertEquals(new Frame("a.B$1", "lambda$c$0", 0, true), Frame.of("a.B$1.lambda$c$0:native"));
    assertEquals(
        new Frame("a.B$$Lambda/0x7f12.34", "run", 1, false),
        Frame.of("a.B$$Lambda/0x7f12.34.run:1"));
  }

  @Test
  void noFrames() {
    assertEquals(
        new Frame("", "opened before the agent", 0, false), Frame.of("opened before the agent"));
    assertEquals(new Frame("", "unknown", 0, false), Frame.of("unknown"));
    assertEquals(new Frame("", "", 0, false), Frame.of(""));
    assertEquals(new Frame("", ":native", 0, true), Frame.of(":native:native"));
    assertEquals(new Frame("", ".x", 0, false), Frame.of(".x"));
  }
}
