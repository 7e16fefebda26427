// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The systemd unit of the node program, as systemd itself sees it. */
class SystemdIT {
  /** Tenths of systemd's "exposure": 10 is a service without any restriction, 0 the best. */
  private static final int MOST_EXPOSED = 20;

  private static final String UNIT =
      Path.of("node/tcpstates-node.service").toAbsolutePath().toString();

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

  @Test
  void hasNoError() throws Exception {
    Command.Result result = analyze("verify", "--man=no", UNIT);
    assertEquals(0, result.exit(), result::toString);
    assertEquals("", result.out() + result.err());
  }

  @Test
  void isRestricted() throws Exception {
    Command.Result result =
        analyze("security", "--offline=true", "--threshold=" + MOST_EXPOSED, UNIT);
    assertEquals(0, result.exit(), result::toString);
  }
}
