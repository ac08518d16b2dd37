/** A refusal in AWS's own words: the code is what the SDK shows as `error.name`. */
export type AwsError = { readonly code: string; readonly status: number; readonly message: string };

export const awsError = (code: string, message: string, status = 400): AwsError => ({
  code,
  status,
  message,
});
