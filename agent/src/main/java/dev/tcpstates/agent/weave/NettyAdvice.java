// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import dev.tcpstates.agent.boot.SocketHooks;
import net.bytebuddy.asm.Advice;

/** The code that is woven into Netty: one static call. */
final class NettyAdvice {
  private NettyAdvice() {}

  static final class Opened {
    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(@Advice.Return int fd) {
      SocketHooks.nettySocket(fd);
    }
  }

  static final class Accepted {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.Argument(0) int fd) {
      SocketHooks.nettyAccepted(fd);
    }
  }
}
