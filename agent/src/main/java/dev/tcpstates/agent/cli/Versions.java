// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.LibBpfLoader;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: the versions that a report of a problem needs. */
final class Versions implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "tcpstates-agent " + Versions.class.getModule().getDescriptor().rawVersion().orElse("?"),
      "libbpf " + libBpf(),
      "%s %s %s".formatted(property("os.name"), property("os.version"), property("os.arch")),
      "Java %s (%s)".formatted(property("java.vm.version"), property("java.vm.vendor"))
    };
  }

  private static String libBpf() {
    try {
      return LibBpfLoader.version();
    } catch (BpfException e) {
      return "none: " + e.getMessage();
    }
  }

  private static String property(String name) {
    return System.getProperty(name);
  }
}
