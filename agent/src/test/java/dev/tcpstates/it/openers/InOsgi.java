// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import java.util.Map;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.launch.Framework;

/** Runs a main class of a bundle: the arguments are the bundle, a folder to work in, the class. */
public final class InOsgi {
  private InOsgi() {}

  public static void main(String[] arguments) throws Exception {
    Framework framework =
        new FrameworkFactory()
            .newFramework(
                Map.of(
                    "org.osgi.framework.storage",
                    arguments[1],
                    "org.osgi.framework.bootdelegation",
                    "com.sun.*,javax.*,jdk.*,sun.*"));
    framework.start();
    Bundle bundle = framework.getBundleContext().installBundle("file:" + arguments[0]);
    bundle
        .loadClass(arguments[2])
        .getMethod("main", String[].class)
        .invoke(null, (Object) new String[0]);
    System.exit(0);
  }
}
