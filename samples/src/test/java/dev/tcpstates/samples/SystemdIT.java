// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The systemd unit of the node program, as systemd itself sees it. */
class SystemdIT {
  /** Tenths of systemd's "exposure": 10 is a service without any restriction, 0 the best. */
  private static final int MOST_EXPOSED = 20;

  /** With a port on the loopback addresses. */
  private static final int MOST_EXPOSED_WITH_METRICS = 25;

  private static final Path UNIT = Path.of("node/tcpstates-node.service").toAbsolutePath();
  private static final Path METRICS = Path.of("node/metrics.conf").toAbsolutePath();

  @TempDir private Path directory;

  @BeforeAll
  static void tier() {
    Command.need(
        Files.isExecutable(Path.of("/usr/bin/systemd-analyze")), "the program systemd-analyze");
  }

  private Command.Result analyze(String... arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of("systemd-analyze"));
    words.addAll(List.of(arguments));
    return new Command(directory, Command.jdks().get(0), words).run();
  }

  /** The unit with its drop-in, as they are installed. */
  private Path withMetrics() throws Exception {
    Path folder = Files.createDirectory(directory.resolve("system"));
    Path unit = Files.copy(UNIT, folder.resolve(UNIT.getFileName()));
    Path dropIns = Files.createDirectory(folder.resolve(UNIT.getFileName() + ".d"));
    Files.copy(METRICS, dropIns.resolve(METRICS.getFileName()));
    return unit;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void hasNoError(boolean metrics) throws Exception {
    Path unit = metrics ? withMetrics() : UNIT;
    Command.Result result = analyze("verify", "--man=no", unit.toString());
    assertEquals(0, result.exit(), result::toString);
    assertEquals("", result.out() + result.err());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isRestricted(boolean metrics) throws Exception {
    Path unit = metrics ? withMetrics() : UNIT;
    int most = metrics ? MOST_EXPOSED_WITH_METRICS : MOST_EXPOSED;
    Command.Result result =
        analyze("security", "--offline=true", "--threshold=" + most, unit.toString());
    assertEquals(0, result.exit(), result::toString);
  }
}
