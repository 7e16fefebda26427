// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Tests that are skipped where no BPF program can be loaded; in CI, that is a failure. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsBpf.Requirement.class)
@interface NeedsBpf {
  /** Is met where {@link KernelTier#require} returns. */
  final class Requirement implements BeforeAllCallback {
    @Override
    public void beforeAll(ExtensionContext tests) throws IOException {
      KernelTier.require();
    }
  }
}
