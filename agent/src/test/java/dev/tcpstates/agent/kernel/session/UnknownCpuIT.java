// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import static dev.tcpstates.agent.kernel.session.LiveSession.server;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.jna.Native;
import dev.tcpstates.agent.kernel.libbpf.LibBpf;
import dev.tcpstates.agent.kernel.libbpf.LibBpfLoader;
import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.it.KernelTier;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A CPU whose number is not below the number of possible CPUs that the agent read at its start. */
class UnknownCpuIT {
  private static final int CONNECTIONS = 23;

  /** Of each connection: five transitions at either end. */
  private static final int TRANSITIONS = CONNECTIONS * 10 + 2;

  private static final long SECOND_CPU = 1 << 1;

  private static final RecordSink IGNORE =
      new RecordSink() {
        @Override
        public void transition(TransitionView transition) {}

        @Override
        public void connection(ConnectionView connection) {}

        @Override
        public void ended(long socketId, int oldState) {}
      };

  static {
    Native.register(UnknownCpuIT.class, "c");
  }

  private static native int sched_setaffinity(int thread, long length, long[] mask);

  @BeforeEach
  void require() throws Exception {
    KernelTier.require();
    Assumptions.assumeTrue(
        Runtime.getRuntime().availableProcessors() > 1, "missing here: a second CPU");
  }

  /** The real library, but for the number of CPUs. */
  private static LibBpf oneCpu() throws Exception {
    LibBpf real = LibBpfLoader.libBpf();
    return (LibBpf)
        Proxy.newProxyInstance(
            LibBpf.class.getClassLoader(),
            new Class<?>[] {LibBpf.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("possibleCpus")) {
                return 1;
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void itsTransitionsCount() throws Exception {
    BpfSession session = BpfSession.open(oneCpu(), 1 << 20, ProgramLoader.image());
    try {
      session.recording(Set.of(RecordType.TRANSITIONS));
      Thread load = new Thread(UnknownCpuIT::connections);
      load.start();
      load.join();
      assertEquals(TRANSITIONS, session.transitions() - session.losses().skipped());
      session.drain(IGNORE);
      assertEquals(TRANSITIONS, session.recordsRead());
    } finally {
      session.close();
    }
  }

  private static void connections() {
    assertEquals(0, sched_setaffinity(0, Long.BYTES, new long[] {SECOND_CPU}));
    try (ServerSocket server = server()) {
      for (int i = 0; i < CONNECTIONS; i++) {
        try (Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
            Socket accepted = server.accept()) {
          client.shutdownOutput();
          assertEquals(-1, accepted.getInputStream().read());
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
