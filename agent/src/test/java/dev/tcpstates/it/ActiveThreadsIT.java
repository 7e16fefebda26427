// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.it.workload.TwoCallers;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Applications wait for their other threads to end, and count them for that. */
@NeedsBpf
class ActiveThreadsIT {
  @TempDir private Path directory;

  @OnEachJdk
  void areAsManyAsWithoutTheAgent(Jdk jdk) throws Exception {
    AgentJvm.Result without =
        new AgentJvm(jdk, directory).withoutAgent().run(TwoCallers.class).ok();
    assertEquals("threads 1\n", without.out());
    assertEquals(without.out(), new AgentJvm(jdk, directory).run(TwoCallers.class).ok().out());
  }

  @OnEachJdk
  void areAsManyWhileARecordingRuns(Jdk jdk) throws Exception {
    assertEquals(
        new AgentJvm(jdk, directory).withoutAgent().record().run(TwoCallers.class).ok().out(),
        new AgentJvm(jdk, directory).record().run(TwoCallers.class).ok().out());
  }
}
