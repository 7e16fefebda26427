// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.libs;

import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands in for {@code java.lang.System} in the libraries: the build points their references here.
 * What is set for the application's own copies of them must not change ours, and what JNA sets must
 * not be seen by the application.
 */
public final class PrivateSystem {
  /** Standard output is the application's. */
  public static final PrintStream out = System.err;

  public static final PrintStream err = System.err;

  private static final String[] PRIVATE = {"jna.", "jnidispatch.", "slf4j."};
  private static final Map<String, String> PROPERTIES = new ConcurrentHashMap<>();

  private PrivateSystem() {}

  /** A property that is set here, if it is one of the libraries' own; otherwise the JVM's. */
  public static String getProperty(String key) {
    for (String prefix : PRIVATE) {
      if (key.startsWith(prefix)) {
        return PROPERTIES.get(key);
      }
    }
    return System.getProperty(key);
  }

  public static String getProperty(String key, String absent) {
    String value = getProperty(key);
    return value == null ? absent : value;
  }

  /** Sets a property for the libraries, and for nobody else. */
  public static String setProperty(String key, String value) {
    return PROPERTIES.put(key, value);
  }

  public static String getenv(String name) {
    return System.getenv(name);
  }

  /** The library belongs to this class's loader, which is the libraries' as well. */
  public static void load(String path) {
    System.load(path);
  }

  /** JNA asks for its native half alone, which {@code JnaLoader} has loaded. */
  public static void loadLibrary(String name) {}

  public static String mapLibraryName(String name) {
    return System.mapLibraryName(name);
  }

  public static String lineSeparator() {
    return System.lineSeparator();
  }

  public static long currentTimeMillis() {
    return System.currentTimeMillis();
  }

  public static long nanoTime() {
    return System.nanoTime();
  }

  public static int identityHashCode(Object object) {
    return System.identityHashCode(object);
  }

  @SuppressWarnings("SuspiciousSystemArraycopy")
  public static void arraycopy(Object from, int start, Object to, int position, int length) {
    System.arraycopy(from, start, to, position, length);
  }

  /** Nobody here needs to ask for privileges. */
  @SuppressWarnings("removal")
  public static SecurityManager getSecurityManager() {
    return null;
  }
}
