// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

/** Netty's epoll transport, before and after a line on standard input. */
public final class NettyTwice {
  private NettyTwice() {}

  public static void main(String[] arguments) throws Exception {
    NettyTransports.epoll();
    System.out.println("once");
    System.in.read();
    NettyTransports.epoll();
  }
}
