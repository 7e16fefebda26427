// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import dev.tcpstates.agent.boot.SocketHooks;
import java.io.FileDescriptor;
import java.net.ProtocolFamily;
import java.net.SocketImpl;
import net.bytebuddy.asm.Advice;

/**
 * The code that is woven in: one static call at the end of each hooked method, or its beginning.
 */
final class SocketAdvice {
  private SocketAdvice() {}

  static final class Connecting {
    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(@Advice.Return FileDescriptor fd, @Advice.Argument(1) boolean stream) {
      SocketHooks.connecting(fd, stream);
    }
  }

  static final class Listening {
    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(@Advice.Return FileDescriptor fd) {
      SocketHooks.listening(fd);
    }
  }

  static final class AcceptedSocket {
    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(@Advice.Argument(0) SocketImpl socket) {
      SocketHooks.accepted(socket);
    }
  }

  static final class InheritedListener {
    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.Argument(1) ProtocolFamily family, @Advice.Argument(2) FileDescriptor fd) {
      SocketHooks.inheritedListener(family, fd);
    }
  }

  static final class AcceptedChannel {
    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.Argument(1) ProtocolFamily family, @Advice.Argument(2) FileDescriptor fd) {
      SocketHooks.accepted(family, fd);
    }
  }

  static final class AcceptedAsynchronousChannel {
    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(@Advice.Argument(1) FileDescriptor fd) {
      SocketHooks.accepted(fd);
    }
  }

  static final class NettySocket {
    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(@Advice.Return int fd) {
      SocketHooks.nettySocket(fd);
    }
  }

  static final class NettyAccepted {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.Argument(0) int fd) {
      SocketHooks.nettyAccepted(fd);
    }
  }
}
