/* System V ABI for x86-64: the callee keeps rbx, rbp, r12 to r15, the x87 control word and the control bits of mxcsr.
 * A left stack, from its context upwards: mxcsr, x87 control word, r15, r14, r13, r12, rbx, rbp, return address.
 * The return is a `ret`, since the place after a call has no endbr64. */
	.text

	.globl switch_to
	.hidden switch_to
	.type switch_to, @function
	.p2align 4
switch_to: /* void **from, void *to */
	.cfi_startproc
	endbr64
	pushq %rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	pushq %rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbx, 0
	pushq %r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r12, 0
	pushq %r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r13, 0
	pushq %r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r14, 0
	pushq %r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r15, 0
	subq $8, %rsp
	.cfi_adjust_cfa_offset 8
	stmxcsr (%rsp)
	fnstcw 4(%rsp)
	movq %rsp, (%rdi)
	movq %rsi, %rsp /* the frame there has the same shape, so the lines above describe it too */
	ldmxcsr (%rsp)
	fldcw 4(%rsp)
	addq $8, %rsp
	.cfi_adjust_cfa_offset -8
	popq %r15
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r15
	popq %r14
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r14
	popq %r13
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r13
	popq %r12
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r12
	popq %rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbx
	popq %rbp
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbp
	ret
	.cfi_endproc
	.size switch_to, . - switch_to

/* The bottom of each stack. The first switch returns into it, with the function in rbx. An unwinder looks a return
 * address up one byte before it, hence the nop. */
	.type switch_bottom, @function
	.p2align 4
switch_bottom:
	.cfi_startproc
	.cfi_undefined %rip
	nop
1:
	call *%rbx
	ud2
	.cfi_endproc
	.size switch_bottom, . - switch_bottom

	.globl switch_make
	.hidden switch_make
	.type switch_make, @function
	.p2align 4
switch_make: /* char *stack, size_t bytes, switch_fn *fn */
	.cfi_startproc
	endbr64
	leaq (%rdi,%rsi), %rax
	andq $-16, %rax
	subq $80, %rax
	leaq 1b(%rip), %rcx
	movq %rcx, 56(%rax)
	movq $0, 48(%rax) /* rbp: a chain of frame pointers ends here */
	movq %rdx, 40(%rax)
	movq $0, 32(%rax)
	movq $0, 24(%rax)
	movq $0, 16(%rax)
	movq $0, 8(%rax)
	stmxcsr (%rax)
	fnstcw 4(%rax)
	ret
	.cfi_endproc
	.size switch_make, . - switch_make

	.section .note.GNU-stack, "", @progbits

/* GNU_PROPERTY_X86_FEATURE_1_AND: IBT, without SHSTK. */
	.section .note.gnu.property, "a", @note
	.p2align 3
	.long 4, 16, 5
	.asciz "GNU"
	.long 0xc0000002, 4, 1, 0
