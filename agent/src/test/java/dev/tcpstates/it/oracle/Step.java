// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import dev.tcpstates.jfr.Transition;

/** What all witnesses of a transition must agree on. An address is null if the witness has none. */
public record Step(
    String oldState,
    String newState,
    String localAddress,
    int localPort,
    String remoteAddress,
    int remotePort) {

  static Step of(Transition transition) {
    return new Step(
        transition.oldState().name(),
        transition.newState().name(),
        Addresses.normal(transition.localAddress()),
        transition.localPort(),
        Addresses.normal(transition.address()),
        transition.port());
  }

  /** Whether the socket was in this state already. */
  boolean repeated() {
    return oldState.equals(newState);
  }

  /** Whether a socket's life begins here. */
  boolean first() {
    return oldState.equals("CLOSE") || oldState.equals("LISTEN") && !newState.equals("CLOSE");
  }

  /** Whether it is the same, where an address that is not known is no difference. */
  boolean agrees(Step other) {
    return oldState.equals(other.oldState)
        && newState.equals(other.newState)
        && localPort == other.localPort
        && remotePort == other.remotePort
        && same(localAddress, other.localAddress)
        && same(remoteAddress, other.remoteAddress);
  }

  private static boolean same(String one, String other) {
    return one == null || other == null || one.equals(other);
  }

  /** The socket's ends as far as this transition shows them. */
  String ends() {
    return localAddress + " " + localPort + " " + remoteAddress + " " + remotePort;
  }

  @Override
  public String toString() {
    return oldState + ">" + newState + " (" + ends() + ")";
  }
}
