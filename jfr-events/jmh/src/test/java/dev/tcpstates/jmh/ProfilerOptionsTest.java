// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.profile.ProfilerException;

class ProfilerOptionsTest {
  @Test
  void defaults() throws Exception {
    for (String none : new String[] {null, "", " "}) {
      assertEquals(new ProfilerOptions(null, "", 10), ProfilerOptions.parse(none));
    }
  }

  @Test
  void allGiven(@TempDir Path directory) throws Exception {
    Path jar = Files.createFile(directory.resolve("my-agent.jar"));
    assertEquals(
        new ProfilerOptions(jar, "stuckAfter=5s,log=info", 3),
        ProfilerOptions.parse("lines=3; options=stuckAfter=5s,log=info ;agent=" + jar));
  }

  @Test
  void wrongOnes() {
    for (String wrong : List.of("lines", "lines=x", "line=3", "agent=/no/such/file.jar", "=3")) {
      assertThrows(ProfilerException.class, () -> ProfilerOptions.parse(wrong), wrong);
    }
  }
}
