// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.ThreadDump.DumpedThread;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ThreadDumpTest {
  /** HotSpot prints the kernel's id in hex up to JDK 20, and then in decimal. */
  private static final String TEXT =
      """
      2026-11-29 23:54:51
      Full thread dump OpenJDK 64-Bit Server VM (17.0.1+1 mixed mode):

      "main" #1 prio=5 os_prio=0 cpu=40.1ms elapsed=3.2s tid=0x00007f1 nid=0x1a runnable  [0x00007f]
         java.lang.Thread.State: RUNNABLE
      \tat sun.nio.ch.Net.poll(java.base@17.0.1/Native Method)
      \tat sun.nio.ch.NioSocketImpl.park(java.base@17.0.1/NioSocketImpl.java:186)
      \t- locked <0x00000000e0e0e0e0> (a java.lang.Object)
      \tat com.example.Shop$Reader.read(Shop.java:12)
      \tat com.example.Shop$$Lambda$3/0x00007f7d68000a08.run(Unknown Source)
      \tat com.example.script.Line.run(my script.js:7)

      "odd "name" #7 nid=0x1b " #12 [28] daemon prio=5 cpu=0.1ms tid=0x00007f2 nid=28 waiting  [0x0]
         java.lang.Thread.State: RUNNABLE
      \tat com.example.Shop.count(app//Shop.java:20)

      "GC Thread#0" os_prio=0 cpu=2.11ms elapsed=3.2s tid=0x00007f3 nid=0x1d runnable

      JNI global refs: 15, weak refs: 0
      """;

  private static final ThreadDump DUMP = new ThreadDump(Instant.EPOCH, TEXT);

  @Test
  void aThreadInANativeMethod() {
    DumpedThread main = DUMP.thread(0x1a).orElseThrow();
    assertEquals("main", main.name());
    assertEquals(
        List.of(
            "sun.nio.ch.Net.poll:native",
            "sun.nio.ch.NioSocketImpl.park:186",
            "com.example.Shop$Reader.read:12",
            "com.example.Shop$$Lambda$3/0x00007f7d68000a08.run",
            "com.example.script.Line.run:7"),
        main.frames());
    assertTrue(main.isInNativeMethod());
  }

  @Test
  void aNameThatLooksLikeADump() {
    DumpedThread odd = DUMP.thread(28).orElseThrow();
    assertEquals("odd \"name\" #7 nid=0x1b ", odd.name());
    assertEquals(List.of("com.example.Shop.count:20"), odd.frames());
    assertFalse(odd.isInNativeMethod());
    assertEquals(Optional.empty(), DUMP.thread(0x1b));
  }

  @Test
  void aThreadWithoutJavaCodeAndOneThatIsNotThere() {
    assertEquals(List.of(), DUMP.thread(0x1d).orElseThrow().frames());
    assertFalse(DUMP.thread(0x1d).orElseThrow().isInNativeMethod());
    assertEquals(Optional.empty(), DUMP.thread(1));
    assertEquals(Optional.empty(), new ThreadDump(Instant.EPOCH, null).thread(1));
  }
}
