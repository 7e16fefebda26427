// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.agent.kernel.FakeSource;
import dev.tcpstates.agent.opener.FakeHooks;
import java.util.List;
import org.junit.jupiter.api.Test;

class AcceptQueuesTest {
  private final FakeSource source = new FakeSource();
  private final FakeHooks hooks = new FakeHooks();
  private final AcceptQueues queues = new AcceptQueues(source);

  private void reportAll() {
    for (int socketId : List.of(5, 6, 7)) {
      queues.opened(socketId, hooks.sockets.findReported(socketId).site(), 10 + socketId);
    }
  }

  /** It costs a system call. */
  @Test
  void onlyAnAcceptedSocketIsAdoptedAndOnlyIfAListenerIsOlderThanTheAgent() throws Exception {
    hooks.connect(5, "client");
    hooks.listen(6, "server");
    hooks.accept(7, "acceptor");
    reportAll();
    queues.adopted(false);
    reportAll();
    assertEquals(List.of(), source.calls);
    queues.adopted(true);
    reportAll();
    assertEquals(List.of("adopt 17 7"), source.calls);
  }
}
