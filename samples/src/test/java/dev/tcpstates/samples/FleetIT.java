// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sample names the JVM with the bad configuration, and the line of code. */
class FleetIT {
  private static final Path SCRIPT = Path.of("fleet.sh").toAbsolutePath();
  private static final Path SOURCE = Path.of("src/main/java/dev/tcpstates/samples/fleet/Shop.java");

  @TempDir private Path directory;

  @BeforeAll
  static void tier() {
    Command.needKernel();
    Command.need(Files.isExecutable(Path.of("/usr/bin/prometheus")), "prometheus");
  }

  @Test
  void namesTheJvmAndTheLine() throws Exception {
    Path jdk = Path.of(System.getProperty("java.home"));
    Command.Result result = new Command(directory, jdk, List.of(SCRIPT.toString())).run();
    assertEquals(0, result.exit(), result::toString);
    List<String> lines = result.out().lines().toList();
    int heading = lines.indexOf("JVM           PID  TIME_WAIT");
    assertTrue(heading >= 0, result::toString);
    // 23,000, but each stays for 60 s only, and a slow machine takes longer than that.
    assertTrue(sockets("shop-4", lines.get(heading + 1)) > 2_000, result.out());
    for (int other = 1; other <= 5; other++) {
      String line = lines.get(heading + 1 + other);
      assertEquals(0, sockets("shop-[12356]", line), result.out());
    }
    assertTrue(
        result
            .out()
            .contains("\nshop-4 has the most. Most of its sockets, 23000, were opened by\n"),
        result.out());
    assertEquals(
        "dev.tcpstates.samples.fleet.Shop.connect:" + lineOf("return new Socket("),
        lines.get(lines.size() - 1));
  }

  private static long sockets(String jvm, String line) {
    Matcher matcher = Pattern.compile(jvm + " +\\d+ +(\\d+)").matcher(line);
    assertTrue(matcher.matches(), line);
    return Long.parseLong(matcher.group(1));
  }

  private static int lineOf(String code) throws Exception {
    List<String> lines = Files.readAllLines(SOURCE);
    int line = 0;
    while (!lines.get(line).contains(code)) {
      line++;
    }
    return line + 1;
  }
}
