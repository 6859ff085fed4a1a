// Policy variables in test policies: `variable('aws:username')` is the text ${aws:username}.

export function variable(inside: string): string {
  return `\${${inside}}`
}
