// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import java.util.Properties;
import jdk.internal.access.JavaLangAccess;
import jdk.internal.access.SharedSecrets;
import jdk.internal.misc.VM;
import jdk.internal.vm.VMSupport;

/** Compiled apart, for {@code javac --release} hides these packages. */
final class DirectJdkAccess extends JdkAccess {
  private final JavaLangAccess lang = SharedSecrets.getJavaLangAccess();

  static {
    use(new DirectJdkAccess());
  }

  @Override
  Class<?> defineInBootLoader(String name, byte[] classFile) {
    return lang.defineClass(null, name, classFile, null, null);
  }

  @Override
  String[] runtimeArguments() {
    return VM.getRuntimeArguments();
  }

  @Override
  Properties agentProperties() {
    return VMSupport.getAgentProperties();
  }
}
