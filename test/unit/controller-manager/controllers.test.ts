import { controllers, selectControllers } from '../../../controller-manager/controllers';

const names = (wanted: string[]) => selectControllers(wanted).map(({ controller }) => controller.name);

describe('selectControllers', () => {
  it('takes all, one, or all but one', () => {
    expect(names(['*'])).toHaveLength(controllers.length);
    expect(names(['deployment-controller'])).toEqual(['deployment-controller']);
    expect(names(['*', '-deployment-controller'])).not.toContain('deployment-controller');
  });
  it('refuses a name that is none', () => {
    expect(() => names(['nonsense'])).toThrow('"nonsense" is not in the list of known controllers');
  });
  it('has names that are unique', () => {
    expect(new Set(names(['*'])).size).toBe(controllers.length);
  });
});
