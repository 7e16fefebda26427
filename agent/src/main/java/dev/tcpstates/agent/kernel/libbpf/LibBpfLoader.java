// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import dev.tcpstates.agent.log.Loggers;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;

/**
 * Chooses libbpf and binds its functions, once for the JVM: the system's if it has all functions
 * that are used, else the one in the agent's jar. Thread-safe.
 */
public final class LibBpfLoader {
  private static final Logger LOG = Loggers.of(LibBpfLoader.class);

  private static final String SYSTEM = "libbpf.so.1";
  private static final List<String> SYSTEM_FOLDERS =
      List.of("/lib", "/usr/lib", "/lib64", "/usr/lib64");

  private static final String INSTALL =
      "install libbpf 1.0 or later (Debian, Ubuntu: apt-get install libbpf1;"
          + " Fedora, RHEL: dnf install libbpf)";

  /** JNA's default would offer our symbols to each library that the application loads later. */
  private static final int RTLD_NOW_AND_LOCAL = 2;

  private static LibBpfSource bound;
  private static NativeLibrary boundLibrary;
  private static boolean nodeBound;

  private LibBpfLoader() {}

  /** Opens the library and binds its functions. */
  interface Binding {
    /**
     * @throws UnsatisfiedLinkError if it can't be loaded, or lacks a function
     * @throws BpfException if it can't be unpacked
     */
    void bind(LibBpfSource source) throws BpfException;
  }

  /**
   * Does of {@link #load} what writes files. Only if the system's libbpf is there and then can't be
   * used, {@code load} still writes some.
   *
   * @param wanted as for {@code load}
   * @throws BpfException as by {@code load}
   */
  public static void unpack(LibBpfSource wanted) throws BpfException {
    if (!System.getProperty("os.name").equals("Linux")) {
      return;
    }
    JnaLoader.unpack();
    if (wanted == LibBpfSource.BUNDLED || !isThereOnSystem()) {
      load(wanted);
    }
  }

  private static boolean isThereOnSystem() {
    for (String folder : SYSTEM_FOLDERS) {
      if (new File(folder, SYSTEM).exists() || new File(folder + multiarch(), SYSTEM).exists()) {
        return true;
      }
    }
    return false;
  }

  /** Of Debian's folders, such as {@code /x86_64-linux-gnu}. */
  private static String multiarch() {
    return "/" + System.getProperty("os.arch").replace("amd64", "x86_64") + "-linux-gnu";
  }

  /**
   * Loads JNA's native half and libbpf, unless that has been done. All files that it writes are
   * deleted when it returns. Does nothing on a system that is not Linux.
   *
   * @param wanted the one that is loaded; {@code null} for the system's if it can be used, else the
   *     bundled one
   * @throws BpfException if none can be loaded; says why of each
   */
  public static synchronized void load(LibBpfSource wanted) throws BpfException {
    if (System.getProperty("os.name").equals("Linux")) {
      JnaLoader.load();
      if (bound == null || wanted != null && wanted != bound) {
        bound = choose(wanted, LibBpfLoader::bind);
      }
    }
  }

  /**
   * Returns the version and the source of the libbpf that is loaded, such as {@code v1.1 (system)}.
   *
   * @throws BpfException if none can be loaded
   */
  public static String version() throws BpfException {
    return libBpf().version();
  }

  /** Returns the libbpf that is loaded; loads one if there is none. */
  public static synchronized LibBpf libBpf() throws BpfException {
    if (bound == null) {
      load(null);
    }
    return new JnaLibBpf(bound);
  }

  /**
   * Returns what needs no libbpf: mapped memory, wake-ups, iterators that are files.
   *
   * @throws BpfException on another system than Linux, or if JNA can't be loaded
   */
  public static LibBpf withoutLibBpf() throws BpfException {
    if (!System.getProperty("os.name").equals("Linux")) {
      throw new BpfException("there is no node program on another system than Linux");
    }
    JnaLoader.load();
    return new JnaLibBpf(null);
  }

  /** Binds the functions that only the node program uses. */
  static synchronized void bindNode() throws BpfException {
    libBpf();
    if (!nodeBound) {
      Native.register(NativeNodeBpf.class, boundLibrary);
      nodeBound = true;
    }
  }

  static LibBpfSource choose(LibBpfSource wanted, Binding binding) throws BpfException {
    List<String> failures = new ArrayList<>();
    for (LibBpfSource source :
        wanted == null ? LibBpfSource.values() : new LibBpfSource[] {wanted}) {
      String failure;
      try {
        binding.bind(source);
        LOG.debug("libbpf is the {} one", source);
        return source;
      } catch (UnsatisfiedLinkError e) {
        failure = JnaLoader.brief(e);
      } catch (BpfException e) {
        failure = e.getMessage().replace("; ", ", ");
      }
      failure =
          (source == LibBpfSource.SYSTEM ? SYSTEM : "the agent's own libbpf")
              + " can't be loaded ("
              + failure
              + ")";
      LOG.debug("{}", failure);
      failures.add(failure);
    }
    throw new BpfException(
        String.join(", ", failures)
            + "; "
            + INSTALL
            + (wanted == null ? "" : ", or leave out the option libbpf=" + wanted));
  }

  private static void bind(LibBpfSource source) throws BpfException {
    if (source == LibBpfSource.SYSTEM) {
      bind(SYSTEM);
      return;
    }
    String file = "libbpf-" + Platform.RESOURCE_PREFIX + ".so";
    NativeFolders.unpack(
        "/dev/tcpstates/bpf/" + file, file, path -> bind(path.toAbsolutePath().toString()));
  }

  private static void bind(String library) {
    NativeLibrary opened = library(library);
    try {
      // Looks up every function; what another library was bound to before is bound anew.
      Native.register(NativeLibBpf.class, opened);
      // It would print to standard error, which is the application's; errors come back as numbers.
      NativeLibBpf.libbpf_set_print(null);
      boundLibrary = opened;
    } catch (UnsatisfiedLinkError e) {
      opened.close();
      throw e;
    }
  }

  private static NativeLibrary library(String name) {
    // With our class loader: JNA's last resort would be the application's class path.
    return NativeLibrary.getInstance(
        name,
        Map.of(
            Library.OPTION_CLASSLOADER,
            LibBpfLoader.class.getClassLoader(),
            Library.OPTION_OPEN_FLAGS,
            RTLD_NOW_AND_LOCAL));
  }
}
