// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import dev.tcpstates.it.KernelTier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A session of its own for each test, in the test's JVM, on a kernel that can have one. */
final class LiveSession implements BeforeEachCallback, AfterEachCallback {
  private BpfSession session;

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    KernelTier.require();
    session = BpfSession.open(1 << 20);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (session != null) {
      session.close();
    }
  }

  BpfSession get() {
    return session;
  }

  /** A listener whose connections are all this JVM's. */
  static ServerSocket server() throws IOException {
    return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }
}
