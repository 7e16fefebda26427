// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.Endpoint;
import dev.tcpstates.jfr.SocketEvent;
import java.util.List;
import picocli.CommandLine.Option;

/** Which sockets a command is to show; the options are those of bcc's tools. */
public final class RowFilter {
  @Option(
      names = {"-L", "--localport"},
      split = ",",
      paramLabel = "<port>",
      description = "only these local ports, with commas between them")
  private List<Integer> localPorts = List.of();

  @Option(
      names = {"-D", "--remoteport"},
      split = ",",
      paramLabel = "<port>",
      description = "only these remote ports, with commas between them")
  private List<Integer> remotePorts = List.of();

  @Option(
      names = {"-4", "--ipv4"},
      description = "only IPv4, judged by the address: Java uses IPv6 sockets for both")
  private boolean only4;

  @Option(
      names = {"-6", "--ipv6"},
      description = "only IPv6")
  private boolean only6;

  /** Whether a transition can be judged only when the local port is known. */
  boolean needsLocalPort() {
    return !localPorts.isEmpty();
  }

  boolean accepts(SocketEvent event) {
    return (localPorts.isEmpty() || localPorts.contains(event.localPort()))
        && (remotePorts.isEmpty() || remotePorts.contains(event.port()))
        && (only4 == only6 || Endpoint.ipVersion(event) == (only4 ? 4 : 6));
  }
}
