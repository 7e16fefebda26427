// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tcpstates.agent.cli.view.CommandException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class JcmdTest {
  @TempDir Path dir;

  @Test
  void itsAnswer() throws Exception {
    assertEquals("7 JFR.check\n", Jcmd.run(script("echo $*"), 7, List.of("JFR.check"), 60));
  }

  @Test
  @Timeout(30)
  void aJvmThatNeverAnswers() throws Exception {
    Path never = script("echo begun; exec sleep 600");
    CommandException failed =
        assertThrows(CommandException.class, () -> Jcmd.run(never, 7, List.of("JFR.check"), 1));
    assertEquals("process 7 did not answer within 1 s; is it stopped?", failed.getMessage());
  }

  @Test
  void noJcmd() {
    Path missing = dir.resolve("missing");
    CommandException failed =
        assertThrows(CommandException.class, () -> Jcmd.run(missing, 7, List.of(), 60));
    assertEquals(0, failed.getMessage().indexOf("can't run " + missing + ": "));
  }

  private Path script(String text) throws Exception {
    Path script = dir.resolve("jcmd");
    Files.writeString(script, "#!/bin/sh\n" + text + "\n");
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
  }
}
