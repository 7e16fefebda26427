// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import jdk.jfr.Event;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The events in {@code jfr view} of JDK 21 and later. It shows all fields of an event, and without
 * {@code --width} in at most 120 columns, which all fields share equally.
 */
class JfrViewTest {
  /** JFR's own four fields come first and take 50 to 60 of them. */
  private static final int FIRST_SCREEN = 200;

  @TempDir static Path dir;

  private static Path recording;
  private static String jfr;

  @BeforeAll
  static void record() throws Exception {
    jfr = newestJfr();
    recording = dir.resolve("view.jfr");
    try (Recording all = new Recording()) {
      all.start();
      for (Class<? extends Event> type : EventMetadataTest.EVENTS) {
        Event event = type.getConstructor().newInstance();
        for (Field field : type.getFields()) {
          if (!Modifier.isStatic(field.getModifiers())) {
            field.set(event, usual(field));
          }
        }
        event.commit();
      }
      all.stop();
      all.dump(recording);
    }
  }

  private static Object usual(Field field) {
    if (field.getType() == boolean.class) {
      return true;
    }
    if (field.getType() == int.class) {
      return field.getName().toLowerCase().endsWith("port") ? 44_871 : 12;
    }
    if (field.getType() == long.class) {
      return field.getName().equals("socketId") ? 48_654L : 123_456L;
    }
    return switch (field.getName()) {
      case "address", "localAddress" -> "192.168.100.200";
      case "openedBy" -> "com.acme.shop.PriceClient.get:112 < com.acme.shop.Main.main:30";
      case "openThread" -> "http-nio-8080-exec-7";
      case "stack", "missing", "hooks", "options" -> "a text ".repeat(30).strip();
      default -> "ESTABLISHED";
    };
  }

  private static String newestJfr() throws IOException {
    List<Path> homes = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"))));
    Path installed = Path.of("/usr/lib/jvm");
    if (Files.isDirectory(installed)) {
      try (Stream<Path> found = Files.list(installed)) {
        found.filter(home -> Files.isExecutable(home.resolve("bin/jfr"))).forEach(homes::add);
      }
    }
    Path newest = homes.stream().max(Comparator.comparingInt(JfrViewTest::feature)).orElseThrow();
    if (feature(newest) < 21) {
      String missing = "missing here: a JDK 21 or later, for jfr view";
      if ("true".equals(System.getenv("CI"))) {
        Assertions.fail(missing);
      }
      Assumptions.abort(missing);
    }
    return newest.resolve("bin/jfr").toString();
  }

  private static int feature(Path home) {
    try {
      String release = Files.readString(home.resolve("release"));
      return Integer.parseInt(release.replaceAll("(?s).*JAVA_VERSION=\"(\\d+).*", "$1"));
    } catch (IOException e) {
      return 0;
    }
  }

  /** The line with the names of the columns. */
  private static String header(String event, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of(jfr, "view"));
    command.addAll(List.of(options));
    command.addAll(List.of("tcpstates." + event, recording.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines = process.inputReader().lines().toList();
    assertEquals(0, process.waitFor(), lines::toString);
    return lines.stream().filter(line -> line.startsWith("St")).findFirst().orElseThrow();
  }

  @Test
  void stateCountIsReadableAtTheDefaultWidth() throws Exception {
    String header = header("StateCount");
    assertTrue(
        header.endsWith(
            " Estab SynSent SynRecv FinWait1 FinWait2 TimeWait CloseWait LastAck Listen Closing"),
        header);
  }

  @ParameterizedTest
  @CsvSource({"SocketOpen", "OpenSite", "RecordsLost"})
  void noLabelIsCutAtTheDefaultWidth(String event) throws Exception {
    String header = header(event);
    assertTrue(!header.contains("..."), header);
  }

  /** What identifies an event, and the line of code, without scrolling. */
  @ParameterizedTest
  @CsvSource({
    "Connection,    600, Socket Id;Kind;End;Remote Address;Remote Port;Opened By",
    "StateChange,   340, Socket Id;Old State;New State;Time In State;Remote Address;Opened By",
    "StuckSocket,   400, Socket Id;State;Cause;Stuck For;Remote Address;Remote Port;Opened By",
    "SocketState,   340, Socket Id;State;Time In State;Remote Address;Remote Port;Opened By",
    "Reset,         340, Socket Id;Direction;State;Reason;Idle Before;Remote Address;Opened By",
    "Retransmit,    340, Socket Id;Kind;State;Segments;Bytes Retransmitted;Remote Address;Opened"
        + " By",
    "Throughput,    440, Socket Id;Bytes Sent;Bytes Received;Remote Address;Remote Port;Opened By",
    "ListenQueue,   300, Socket Id;Local Address;Local Port;Queue Length;Queue Limit;Drops;Opened"
        + " By",
  })
  void theMostImportantColumnsComeFirst(String event, String width, String labels)
      throws Exception {
    String header = header(event, "--width", width);
    String shown = header.substring(0, Math.min(FIRST_SCREEN, header.length()));
    int from = 0;
    for (String label : labels.split(";")) {
      int at = shown.indexOf(label, from);
      assertTrue(at >= 0, () -> label + " is not shown, or not in this order: " + shown);
      from = at + label.length();
    }
  }
}
