// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;

/** What another agent does when a class is loaded. It changes none. */
abstract class LoadListener implements ClassFileTransformer {
  @Override
  public final byte[] transform(
      ClassLoader loader,
      String name,
      Class<?> redefined,
      ProtectionDomain domain,
      byte[] classFile) {
    loaded(name);
    return null;
  }

  /** Called on the thread that loads the class. */
  abstract void loaded(String internalName);
}
