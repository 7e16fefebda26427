// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import dev.tcpstates.agent.weave.Hook.Place;
import java.util.ArrayList;
import java.util.List;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;

/**
 * Puts the hooks into classes. With Byte Buddy's class file library alone: a call that can't throw,
 * to a class that is always there, needs no advice, and the seven hundred classes that make advice
 * take longer to load than all the rest of the agent's start.
 */
final class HookWeaver {
  private static final int API = Opcodes.ASM9;

  private HookWeaver() {}

  /**
   * Weaves hooks of one class.
   *
   * @param woven is given the hooks whose method was there
   */
  static byte[] weave(byte[] classFile, List<Hook> hooks, List<Hook> woven) {
    ClassReader reader = new ClassReader(classFile);
    ClassWriter writer = new ClassWriter(reader, 0);
    reader.accept(
        new ClassVisitor(API, writer) {
          @Override
          public MethodVisitor visitMethod(
              int access, String name, String descriptor, String signature, String[] exceptions) {
            MethodVisitor method =
                super.visitMethod(access, name, descriptor, signature, exceptions);
            for (Hook hook : hooks) {
              if (hook.isIn(name, descriptor) && (access & Opcodes.ACC_ABSTRACT) == 0) {
                woven.add(hook);
                method =
                    hook.place() == Place.THROW
                        ? new Throws(method, hook, Type.getArgumentTypes(descriptor))
                        : new Calls(method, hook);
              }
            }
            return method;
          }
        },
        0);
    return writer.toByteArray();
  }

  /** Which of the hooks were not woven, for people. */
  static List<String> missing(List<Hook> hooks, List<Hook> woven) {
    List<String> missing = new ArrayList<>();
    for (Hook hook : hooks) {
      if (!isIn(woven, hook)) {
        missing.add(hook.type() + "." + hook.name());
      }
    }
    return missing;
  }

  /** Not {@code contains}: the first call of a record's equals makes a hundred classes. */
  private static boolean isIn(List<Hook> woven, Hook hook) {
    for (Hook other : woven) {
      if (other == hook) {
        return true;
      }
    }
    return false;
  }

  /** Puts the call where the hook has it. */
  private static final class Calls extends MethodVisitor {
    private final Hook hook;
    private final Type[] arguments;

    Calls(MethodVisitor method, Hook hook) {
      super(API, method);
      this.hook = hook;
      this.arguments = Type.getArgumentTypes(hook.callDescriptor());
    }

    @Override
    public void visitCode() {
      super.visitCode();
      if (hook.place() == Place.START) {
        call();
      }
    }

    @Override
    public void visitInsn(int opcode) {
      if (hook.place() == Place.RETURN && opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN) {
        call();
      }
      super.visitInsn(opcode);
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean ofInterface) {
      boolean run = owner.equals("java/lang/Runnable") && name.equals("run");
      if (run && hook.place() == Place.BEFORE_RUN) {
        super.visitInsn(Opcodes.DUP);
        call();
      }
      super.visitMethodInsn(opcode, owner, name, descriptor, ofInterface);
      if (run && hook.place() == Place.AFTER_RUN) {
        call();
      }
      boolean connect = opcode == Opcodes.INVOKESTATIC && name.equals("connect");
      if (connect && hook.place() == Place.AFTER_CONNECT && descriptor.endsWith(")I")) {
        super.visitInsn(Opcodes.DUP);
        super.visitVarInsn(Opcodes.ALOAD, 0);
        super.visitMethodInsn(Opcodes.INVOKEVIRTUAL, owner, "intValue", "()I", false);
        call(2);
      }
    }

    private void call() {
      if (hook.ofResult()) {
        super.visitInsn(Opcodes.DUP);
      }
      call(hook.ofResult() ? 1 : 0);
    }

    /** The first arguments are on the stack. */
    private void call(int first) {
      int argument = first;
      for (int slot : hook.slots()) {
        super.visitVarInsn(arguments[argument++].getOpcode(Opcodes.ILOAD), slot);
      }
      super.visitMethodInsn(
          Opcodes.INVOKESTATIC, hook.owner(), hook.call(), hook.callDescriptor(), false);
    }

    @Override
    public void visitMaxs(int maxStack, int maxLocals) {
      super.visitMaxs(maxStack + arguments.length, maxLocals);
    }
  }

  /** Puts the call into a handler around the whole of a static method, which throws again. */
  private static final class Throws extends MethodVisitor {
    private final Hook hook;
    private final Object[] locals;
    private final Label start = new Label();

    Throws(MethodVisitor method, Hook hook, Type[] parameters) {
      super(API, method);
      this.hook = hook;
      this.locals = new Object[parameters.length];
      for (int i = 0; i < locals.length; i++) {
        locals[i] =
            parameters[i].getSort() == Type.OBJECT
                ? parameters[i].getInternalName()
                : Opcodes.INTEGER;
      }
    }

    @Override
    public void visitCode() {
      super.visitCode();
      super.visitLabel(start);
    }

    @Override
    public void visitMaxs(int maxStack, int maxLocals) {
      Label handler = new Label();
      super.visitLabel(handler);
      super.visitFrame(
          Opcodes.F_FULL, locals.length, locals, 1, new Object[] {"java/lang/Throwable"});
      if (hook.ofResult()) {
        super.visitInsn(Opcodes.DUP);
      }
      Type[] arguments = Type.getArgumentTypes(hook.callDescriptor());
      int argument = hook.ofResult() ? 1 : 0;
      for (int slot : hook.slots()) {
        super.visitVarInsn(arguments[argument++].getOpcode(Opcodes.ILOAD), slot);
      }
      super.visitMethodInsn(
          Opcodes.INVOKESTATIC, hook.owner(), hook.call(), hook.callDescriptor(), false);
      super.visitInsn(Opcodes.ATHROW);
      super.visitTryCatchBlock(start, handler, handler, null);
      super.visitMaxs(Math.max(maxStack, 1 + arguments.length), maxLocals);
    }
  }
}
