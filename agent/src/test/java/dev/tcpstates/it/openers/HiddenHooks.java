// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Netty in a class loader that sees of the boot loader's classes only the JDK's, as OSGi has it
 * where the boot delegation is not open.
 */
public final class HiddenHooks {
  private HiddenHooks() {}

  private static final class JdkOnly extends URLClassLoader {
    JdkOnly(URL[] urls) {
      super(urls, ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("dev.tcpstates.agent.")) {
        throw new ClassNotFoundException(name + " is hidden");
      }
      return super.loadClass(name, resolve);
    }
  }

  public static void main(String[] rows) throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      urls.add(url(entry));
    }
    // Stays open: threads of Netty go on for a while.
    Class.forName(Matrix.class.getName(), true, new JdkOnly(urls.toArray(new URL[0])))
        .getMethod("main", String[].class)
        .invoke(null, (Object) rows);
  }

  private static URL url(String entry) throws MalformedURLException {
    return Path.of(entry).toUri().toURL();
  }
}
