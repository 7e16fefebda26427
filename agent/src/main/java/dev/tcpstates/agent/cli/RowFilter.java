// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.Endpoint;
import dev.tcpstates.jfr.SocketEvent;
import java.util.List;
import picocli.CommandLine.Option;

/** Which sockets a command prints. The options are those of bcc's tools. */
final class RowFilter {
  @Option(
      names = {"-L", "--localport"},
      split = ",",
      paramLabel = "<port>",
      description = "print only these local ports")
  private List<Integer> localPorts = List.of();

  @Option(
      names = {"-D", "--remoteport"},
      split = ",",
      paramLabel = "<port>",
      description = "print only these remote ports")
  private List<Integer> remotePorts = List.of();

  @Option(
      names = {"-4", "--ipv4"},
      description = "print only IPv4 (also IPv4 over an IPv6 socket, as Java uses it)")
  private boolean only4;

  @Option(
      names = {"-6", "--ipv6"},
      description = "print only IPv6")
  private boolean only6;

  /** Whether the filter must know the local port. */
  boolean needsLocalPort() {
    return !localPorts.isEmpty();
  }

  boolean accepts(SocketEvent event) {
    return accepts(event.localAddress(), event.localPort(), event.address(), event.port());
  }

  boolean accepts(String localAddress, int localPort, String address, int port) {
    return (localPorts.isEmpty() || localPorts.contains(localPort))
        && (remotePorts.isEmpty() || remotePorts.contains(port))
        && (only4 == only6 || Endpoint.ipVersion(localAddress, address) == (only4 ? 4 : 6));
  }
}
