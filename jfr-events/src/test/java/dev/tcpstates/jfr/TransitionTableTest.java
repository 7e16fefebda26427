// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Writer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class TransitionTableTest {
  private static final Transition CONNECT =
      transition(0x1a2b, 4242, "java", "192.0.2.1", 0, "198.51.100.2", 443, "CLOSE", "SYN_SENT", 0);

  @Test
  void columnsAreAsWideAsTheirContent() throws IOException {
    List<Transition> transitions =
        List.of(
            CONNECT,
            transition(
                0x1a2b,
                0,
                "swapper/0",
                "192.0.2.1",
                50000,
                "198.51.100.2",
                443,
                "SYN_SENT",
                "ESTABLISHED",
                12_345_600),
            transition(3, 17, "a b", "::", 8080, "::", 0, "CLOSE", "LISTEN", 1_499));
    assertEquals(
        """
        SOCKET C-PID C-COMM    IP LADDR     LPORT RADDR        RPORT OLDSTATE -> NEWSTATE        MS OPENED BY
        1a2b   4242  java      4  192.0.2.1 0     198.51.100.2 443   CLOSE    -> SYN_SENT     0.000 app.Client.connect:12
        1a2b   0     swapper/0 4  192.0.2.1 50000 198.51.100.2 443   SYN_SENT -> ESTABLISHED 12.346 app.Client.connect:12
        3      17    a b       6  ::        8080  ::           0     CLOSE    -> LISTEN       0.001 app.Client.connect:12
        """,
        print(transitions));
  }

  @Test
  void whatIsNotKnownIsADash() throws IOException {
    assertEquals(
        """
        SOCKET C-PID C-COMM IP LADDR LPORT RADDR RPORT OLDSTATE -> NEWSTATE    MS OPENED BY
        1      0     -      -  -     0     -     0     SYN_SENT -> CLOSE    0.000 -
        """,
        print(List.of(Transitions.of("SYN_SENT", "CLOSE"))));
  }

  @Test
  void uncertainTimeIsMarked() throws IOException {
    Transition uncertain =
        Made.of(Transition.class)
            .with("socketId", 1L)
            .with("address", "2001:db8::1")
            .with("port", 80)
            .with("oldState", TcpState.SYN_SENT)
            .with("newState", TcpState.CLOSE)
            .with("timeInState", Duration.ofSeconds(2))
            .with("uncertainty", Duration.ofNanos(1))
            .make();
    assertEquals(
        """
        SOCKET C-PID C-COMM IP LADDR LPORT RADDR       RPORT OLDSTATE -> NEWSTATE        MS OPENED BY
        1      0     -      6  -     0     2001:db8::1 80    SYN_SENT -> CLOSE    ~2000.000 -
        """,
        print(List.of(uncertain)));
  }

  @Test
  void openedByGetsWhatTheTerminalLeaves() throws IOException {
    String openedBy = "com.shop.Client.ask:12 < com.shop.Shop.open:3 < com.shop.Main.main:7";
    Transition transition = openedBy(openedBy);
    int before = widthWithout(transition, openedBy);
    assertEquals(openedBy, openedBy(transition, before + openedBy.length()));
    assertEquals(
        "c.s.Client.ask:12 < c.s.Shop.open:3 < c.s.Main.main:7",
        openedBy(transition, before + openedBy.length() - 1));
    assertEquals("c.s.Client.ask:12 < c.s.Shop.open:3", openedBy(transition, before + 52));
  }

  @Test
  void someColumnsAreDroppedIfThereIsLittleRoom() throws IOException {
    Transition transition =
        openedBy("com.shop.Client.ask:12 < com.shop.Shop.open:3 < com.shop.Main.main:7");
    StringBuilder out = new StringBuilder();
    TransitionTable.print(List.of(transition), 91, out);
    assertEquals(
        """
        SOCKET LADDR     LPORT RADDR        RPORT OLDSTATE -> NEWSTATE    MS OPENED BY
        1a2b   192.0.2.1 0     198.51.100.2 443   CLOSE    -> SYN_SENT 0.000 c.s.Client.ask:12
        """,
        out.toString());

    out.setLength(0);
    TransitionTable.print(List.of(transition), 80, out);
    assertTrue(out.toString().endsWith(" ...t.ask:12\n"), out.toString());
    out.setLength(0);
    TransitionTable.print(List.of(transition), 0, out);
    assertTrue(out.toString().endsWith(" ...ask:12\n"), out.toString());
  }

  @Test
  void noColumnIsDroppedForAShortOpener() throws IOException {
    Transition transition = openedBy("Main.main:7");
    assertEquals(
        print(List.of(transition)),
        printed(transition, widthWithout(transition, "Main.main:7") + "Main.main:7".length()));
  }

  @Test
  void aTextThatIsNoFrameKeepsItsBeginning() throws IOException {
    String unknown = "unknown: not opened through the JDK's socket classes";
    Transition transition = openedBy(unknown);
    assertEquals(
        "unknown: not opened through the JDK's ...",
        openedBy(transition, widthWithout(transition, unknown) + 41));
  }

  @Test
  void cookiesAreUnsigned() throws IOException {
    Transition transition =
        transition(-1, 1, "java", "192.0.2.1", 1, "192.0.2.1", 2, "CLOSE", "SYN_SENT", 0);
    assertEquals(
        "ffffffffffffffff", print(List.of(transition)).lines().toList().get(1).split(" ")[0]);
  }

  @Test
  void controlCharactersStayOffTheTerminal() throws IOException {
    Transition transition =
        transition(1, 1, "a\u001b[2J\n", "192.0.2.1", 1, "192.0.2.1", 2, "CLOSE", "SYN_SENT", 0);
    String row = print(List.of(transition)).lines().toList().get(1);
    assertTrue(row.startsWith("1      1     a?[2J? 4 "), row);
  }

  @Test
  void nothingButTheHeaderIfThereIsNothing() throws IOException {
    assertEquals(
        "SOCKET C-PID C-COMM IP LADDR LPORT RADDR RPORT OLDSTATE -> NEWSTATE MS OPENED BY\n",
        print(List.of()));
  }

  @Test
  void doesNotDependOnTheLocale() throws IOException {
    Locale before = Locale.getDefault();
    String expected = print(List.of(CONNECT));
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertEquals(expected, print(List.of(CONNECT)));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void whatTheOutputThrowsReachesTheCaller() {
    IOException full = new IOException("disk full");
    Writer out =
        new Writer() {
          @Override
          public void write(char[] text, int start, int length) throws IOException {
            throw full;
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    assertSame(
        full, assertThrows(IOException.class, () -> TransitionTable.print(List.of(CONNECT), out)));
  }

  private static String print(List<Transition> transitions) throws IOException {
    StringBuilder out = new StringBuilder();
    TransitionTable.print(transitions, out);
    return out.toString();
  }

  private static String printed(Transition transition, int columns) throws IOException {
    StringBuilder out = new StringBuilder();
    TransitionTable.print(List.of(transition), columns, out);
    for (String line : out.toString().lines().toList()) {
      assertTrue(line.length() <= columns, line);
    }
    return out.toString();
  }

  /** The last column of the only row. */
  private static String openedBy(Transition transition, int columns) throws IOException {
    String[] lines = printed(transition, columns).split("\n");
    return lines[1].substring(lines[0].indexOf("OPENED BY"));
  }

  private static int widthWithout(Transition transition, String openedBy) throws IOException {
    return print(List.of(transition)).lines().toList().get(1).length() - openedBy.length();
  }

  private static Transition openedBy(String openedBy) {
    return transition(
        0x1a2b,
        4242,
        "java",
        "192.0.2.1",
        0,
        "198.51.100.2",
        443,
        "CLOSE",
        "SYN_SENT",
        0,
        openedBy);
  }

  private static Transition transition(
      long socketId,
      int taskId,
      String taskName,
      String localAddress,
      int localPort,
      String address,
      int port,
      String oldState,
      String newState,
      long nanos) {
    return transition(
        socketId,
        taskId,
        taskName,
        localAddress,
        localPort,
        address,
        port,
        oldState,
        newState,
        nanos,
        "app.Client.connect:12");
  }

  private static Transition transition(
      long socketId,
      int taskId,
      String taskName,
      String localAddress,
      int localPort,
      String address,
      int port,
      String oldState,
      String newState,
      long nanos,
      String openedBy) {
    return Made.of(Transition.class)
        .with("socketId", socketId)
        .with("localAddress", localAddress)
        .with("localPort", localPort)
        .with("address", address)
        .with("port", port)
        .with("oldState", oldState == null ? null : TcpState.valueOf(oldState))
        .with("newState", newState == null ? null : TcpState.valueOf(newState))
        .with("timeInState", Duration.ofNanos(nanos))
        .with("openedBy", openedBy)
        .with("openThread", "main")
        .with("openThreadId", 1L)
        .with("openSiteId", 1L)
        .with("taskId", taskId)
        .with("taskName", taskName)
        .make();
  }
}
