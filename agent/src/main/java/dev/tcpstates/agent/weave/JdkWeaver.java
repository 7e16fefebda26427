// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import dev.tcpstates.agent.weave.JdkHooks.JdkHook;
import java.util.ArrayList;
import java.util.List;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import net.bytebuddy.utility.OpenedClassReader;

/**
 * Puts the hooks into the JDK's classes. With Byte Buddy's class file library alone: a call that
 * can't throw, to a class that is always there, needs no advice, and the seven hundred classes that
 * make advice take longer to load than all the rest of the agent's start.
 */
final class JdkWeaver {
  private static final String HOOKS = "dev/tcpstates/agent/boot/SocketHooks";

  private JdkWeaver() {}

  /**
   * Weaves hooks of one class.
   *
   * @param woven is given the hooks whose method was there
   */
  static byte[] weave(byte[] classFile, List<JdkHook> hooks, List<JdkHook> woven) {
    ClassReader reader = OpenedClassReader.of(classFile);
    ClassWriter writer = new ClassWriter(reader, 0);
    reader.accept(
        new ClassVisitor(OpenedClassReader.ASM_API, writer) {
          @Override
          public MethodVisitor visitMethod(
              int access, String name, String descriptor, String signature, String[] exceptions) {
            MethodVisitor method =
                super.visitMethod(access, name, descriptor, signature, exceptions);
            for (JdkHook hook : hooks) {
              if (hook.isIn(name, descriptor)) {
                woven.add(hook);
                return new Returns(method, hook);
              }
            }
            return method;
          }
        },
        0);
    return writer.toByteArray();
  }

  /** Which of the hooks were not woven, for people. */
  static List<String> missing(List<JdkHook> hooks, List<JdkHook> woven) {
    List<String> missing = new ArrayList<>();
    for (JdkHook hook : hooks) {
      if (!isIn(woven, hook)) {
        missing.add(hook.type() + "." + hook.name());
      }
    }
    return missing;
  }

  /** Not {@code contains}: the first call of a record's equals makes a hundred classes. */
  private static boolean isIn(List<JdkHook> woven, JdkHook hook) {
    for (JdkHook other : woven) {
      if (other == hook) {
        return true;
      }
    }
    return false;
  }

  /** Puts the call before each return. */
  private static final class Returns extends MethodVisitor {
    private final JdkHook hook;
    private final Type[] arguments;

    Returns(MethodVisitor method, JdkHook hook) {
      super(OpenedClassReader.ASM_API, method);
      this.hook = hook;
      this.arguments = Type.getArgumentTypes(hook.callDescriptor());
    }

    @Override
    public void visitInsn(int opcode) {
      if (opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN) {
        if (hook.ofResult()) {
          super.visitInsn(Opcodes.DUP);
        }
        int argument = hook.ofResult() ? 1 : 0;
        for (int slot : hook.slots()) {
          super.visitVarInsn(arguments[argument++].getOpcode(Opcodes.ILOAD), slot);
        }
        super.visitMethodInsn(
            Opcodes.INVOKESTATIC, HOOKS, hook.call(), hook.callDescriptor(), false);
      }
      super.visitInsn(opcode);
    }

    @Override
    public void visitMaxs(int maxStack, int maxLocals) {
      super.visitMaxs(maxStack + arguments.length, maxLocals);
    }
  }
}
