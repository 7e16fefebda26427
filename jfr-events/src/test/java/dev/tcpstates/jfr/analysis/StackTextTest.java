// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class StackTextTest {
  @Test
  void theJdksFramesAreFolded() {
    assertEquals(
        List.of(
            "... 2 JDK frames",
            "at a.B$C.d(B.java:7)",
            "at java.util.ArrayList.forEach(ArrayList.java:1511)",
            "at a.B.e(Unknown Source)",
            "... 2 JDK frames",
            "thread started by",
            "... 1 JDK frame",
            "at a.Main.main(Main.java:3)"),
        StackText.lines(
            List.of(
                "sun.nio.ch.Net.socket:485",
                "java.net.Socket.<init>:276",
                "a.B$C.d:7",
                "java.util.ArrayList.forEach:1511",
                "a.B.e",
                "java.util.concurrent.FutureTask.run:264",
                "java.lang.Thread.run:840",
                "thread started by",
                "java.lang.Thread.start:1",
                "a.Main.main:3")));
  }

  @Test
  void aStackOfTheJdkAloneIsWhole() {
    assertEquals(
        List.of(
            "at sun.nio.ch.Net.accept(Native Method)", "at java.lang.Thread.run(Thread.java:1)"),
        StackText.lines(List.of("sun.nio.ch.Net.accept:native", "java.lang.Thread.run:1")));
  }

  @Test
  void otherTextsStayAsTheyAre() {
    assertEquals(
        List.of("at opened before the agent"), StackText.lines(List.of("opened before the agent")));
    assertEquals(List.of("at unknown"), StackText.lines(List.of("unknown")));
    assertEquals(List.of(), StackText.lines(List.of()));
  }
}
