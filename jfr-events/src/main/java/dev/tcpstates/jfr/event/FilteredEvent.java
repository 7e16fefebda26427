// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.SettingDefinition;

/**
 * An event with settings that filter sockets. The kernel applies them before there is an event, so
 * the methods here include every event.
 */
abstract class FilteredEvent extends Event {
  @SettingDefinition
  @Name("localPorts")
  @Label("Local Ports")
  @Description("Only sockets with these ports on this side, such as 80;8080-8090.")
  boolean localPorts(LocalPortsControl control) {
    return true;
  }

  @SettingDefinition
  @Name("remotePorts")
  @Label("Remote Ports")
  @Description("Only sockets with these ports on the remote side, such as 443;8080-8090.")
  boolean remotePorts(RemotePortsControl control) {
    return true;
  }

  @SettingDefinition
  @Name("family")
  @Label("Address Family")
  @Description("Only sockets with addresses of IPv4 or of IPv6, which are 4 and 6.")
  boolean family(FamilyControl control) {
    return true;
  }

  @SettingDefinition
  @Name("loopback")
  @Label("Loopback")
  @Description("Whether sockets with a loopback address are included, true or false.")
  boolean loopback(LoopbackControl control) {
    return true;
  }
}
