// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import static dev.tcpstates.agent.kernel.libbpf.LibBpfSource.BUNDLED;
import static dev.tcpstates.agent.kernel.libbpf.LibBpfSource.SYSTEM;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LibBpfLoaderTest {
  private static final String INSTALL =
      "; install libbpf 1.0 or later (Debian, Ubuntu: apt-get install libbpf1; Fedora, RHEL: dnf"
          + " install libbpf)";
  private static final String NO_SYSTEM =
      "libbpf.so.1 can't be loaded (libbpf.so.1: cannot open shared object file)";
  private static final String NO_BUNDLED =
      "the agent's own libbpf can't be loaded (/tmp is full, make room)";

  private final List<LibBpfSource> tried = new ArrayList<>();

  @Test
  void systemFirst() throws BpfException {
    assertEquals(SYSTEM, choose(null, SYSTEM, BUNDLED));
    assertEquals(List.of(SYSTEM), tried);
  }

  @Test
  void bundledWhereTheSystemsIsOfNoUse() throws BpfException {
    assertEquals(BUNDLED, choose(null, BUNDLED));
    assertEquals(List.of(SYSTEM, BUNDLED), tried);
  }

  @Test
  void onlyTheOneThatIsWanted() throws BpfException {
    assertEquals(BUNDLED, choose(BUNDLED, SYSTEM, BUNDLED));
    assertEquals(List.of(BUNDLED), tried);
    tried.clear();
    assertEquals(
        NO_SYSTEM + INSTALL + ", or leave out the option libbpf=system",
        assertThrows(BpfException.class, () -> choose(SYSTEM, BUNDLED)).getMessage());
    assertEquals(List.of(SYSTEM), tried);
    assertEquals(
        NO_BUNDLED + INSTALL + ", or leave out the option libbpf=bundled",
        assertThrows(BpfException.class, () -> choose(BUNDLED, SYSTEM)).getMessage());
  }

  @Test
  void none() {
    assertEquals(
        NO_SYSTEM + ", " + NO_BUNDLED + INSTALL,
        assertThrows(BpfException.class, () -> choose(null)).getMessage());
  }

  /** Lets those be loaded that are given as usable, and fails as JNA and the unpacking do. */
  private LibBpfSource choose(LibBpfSource wanted, LibBpfSource... usable) throws BpfException {
    return LibBpfLoader.choose(
        wanted,
        source -> {
          tried.add(source);
          if (Set.of(usable).contains(source)) {
            return;
          }
          if (source == SYSTEM) {
            throw new UnsatisfiedLinkError(
                "Unable to load library 'libbpf.so.1':\n"
                    + "libbpf.so.1: cannot open shared object file\n"
                    + "more\n");
          }
          throw new BpfException("/tmp is full; make room");
        });
  }
}
